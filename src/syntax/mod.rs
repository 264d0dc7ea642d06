//! Text → tokens → expanded tokens → tree.
//!
//! `lex` cuts text into fine tokens, `expand` puts macros in on tokens, and the grammar (nom, over [`tokens::Tokens`]) reads
//! stages. SPL's words change meaning by place, so the search grammar glues tokens that touch, and the eval grammar does not.

pub mod aggregation;
pub mod ast;
pub mod computed;
pub mod expand;
pub mod expr;
pub mod field;
pub mod lex;
pub mod option;
pub mod pipeline;
pub mod search;
pub mod token;
pub mod tokens;
pub mod wanted;

pub use pipeline::{Pipeline, parse};
pub use token::{Kind, Token};
pub use tokens::{Failure, Parsed, Tokens};
