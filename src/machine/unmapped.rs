//! Where files are not made memory: they are read as usual.

use std::fs::File;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// There is none.
#[derive(Debug)]
pub enum Mapped {}

/// There is none.
#[derive(Debug)]
pub enum Part {}

impl Mapped {
    /// None, always.
    pub fn new(_: &File, _: usize) -> Option<Mapped> {
        None
    }

    /// Some of its bytes.
    pub fn part(self: &Arc<Self>, _: &File, _: Range<usize>) -> Option<Part> {
        match **self {}
    }
}

impl Part {
    /// Was all that was read of the file so there?
    pub fn is_whole(&self) -> bool {
        match *self {}
    }
}

impl Deref for Part {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match *self {}
    }
}
