#![forbid(unsafe_code)]
//! spl
<<<<<<< HEAD

pub mod aggregate;
pub mod card;
pub mod column;
pub mod diagnostic;
pub mod function;
=======
>>>>>>> time
pub mod time;
