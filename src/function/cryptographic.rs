//! eval functions of the chapter "cryptographic": digests of a text as hexadecimal digits.

use super::{Chapter, Function, Kernel};
use crate::card::Example;
use crate::column::Value;
use sha2::Digest;
use std::borrow::Cow;
use std::fmt::Write;

const BASE: Function = Function::base(Chapter::Cryptographic, file!());

/// The chapter.
pub const LIST: &[Function] = &[
    Function {
        name: "md5",
        summary: "The MD5 digest of a text, 32 hexadecimal digits.",
        syntax: "md5(<str>)",
        examples: &[Example { spl: r#"md5("hello")"#, shows: "5d41402abc4b2a76b9719d911017c592" }],
        kernel: Kernel::Text(digest::<md5::Md5>),
        ..BASE
    },
    Function {
        name: "sha1",
        summary: "The SHA-1 digest of a text, 40 hexadecimal digits.",
        syntax: "sha1(<str>)",
        examples: &[Example { spl: r#"sha1("hello")"#, shows: "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d" }],
        kernel: Kernel::Text(digest::<sha1::Sha1>),
        ..BASE
    },
    Function {
        name: "sha256",
        summary: "The SHA-256 digest of a text, 64 hexadecimal digits.",
        syntax: "sha256(<str>)",
        examples: &[Example { spl: r#"sha256("hello")"#, shows: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" }],
        kernel: Kernel::Text(digest::<sha2::Sha256>),
        ..BASE
    },
    Function {
        name: "sha512",
        summary: "The SHA-512 digest of a text, 128 hexadecimal digits.",
        syntax: "sha512(<str>)",
        examples: &[Example { spl: r#"substr(sha512("hello"), 1, 16)"#, shows: "9b71d224bd62f378" }],
        kernel: Kernel::Text(digest::<sha2::Sha512>),
        ..BASE
    },
];

fn digest<'a, D: Digest>(text: Cow<'a, str>) -> Value<'a> {
    let digest = D::digest(text.as_bytes());
    let bytes: &[u8] = digest.as_ref();
    Value::Text(Cow::Owned(bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{b:02x}");
        out
    })))
}

#[cfg(test)]
mod tests {
    use super::super::apply::tests::on_text;

    #[test]
    fn digests_are_lower_case_hexadecimal() {
        assert_eq!(on_text("md5", &[""]).as_deref(), Some("d41d8cd98f00b204e9800998ecf8427e"));
        assert_eq!(on_text("SHA1", &["abc"]).as_deref(), Some("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!(on_text("sha256", &["abc"]).as_deref(), Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        assert_eq!(on_text("sha512", &["abc"]).map(|t| t.len()), Some(128));
    }
}
