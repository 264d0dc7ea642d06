//! convert functions.
