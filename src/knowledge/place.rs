//! Where a knowledge object was written.

use crate::diagnostic::{Code, Diagnostic};
use std::path::Path;
use std::sync::Arc;

/// Files above this size are refused: knowledge is written by people.
pub const MAX_BYTES: u64 = 64 << 20;

/// Most files are smaller, and read in one go.
const USUAL: usize = 16 << 10;

/// A file and a line in it, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    pub file: Arc<str>,
    pub line: usize,
}

impl Place {
    /// A line of a file.
    pub fn new(file: &Arc<str>, line: usize) -> Place {
        Place { file: file.clone(), line }
    }

    /// An error at this place.
    pub fn error(&self, message: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(Code::DATA_FILE, format!("{self}: {message}"))
    }

    /// A warning at this place: what is wrong is left out, the rest holds.
    pub fn warning(&self, message: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::warning(Code::DATA_FILE, format!("{self}: {message}"))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A knowledge file's text without a byte order mark; bytes that are no UTF-8 become replacement characters.
///
/// Errors: [`Code::DATA_FILE`] where the file cannot be read or is larger than 64 MiB.
pub fn read_text(path: &Path) -> Result<String, Diagnostic> {
    let bytes = read_bytes(path)?;
    let text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text))
}

/// A knowledge file as it is.
///
/// Errors: as for [`read_text`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    use std::io::Read;
    let fail = |e: std::io::Error| Diagnostic::error(Code::DATA_FILE, format!("cannot read {}: {e}", path.display()));
    let mut bytes = Vec::with_capacity(USUAL);
    std::fs::File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(fail)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Diagnostic::error(Code::DATA_FILE, format!("{} is larger than {} MiB", path.display(), MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

/// The files of a directory and of those below it that end in one of the extensions, in the order of their paths. Links
/// to directories are not followed.
///
/// Errors: [`Code::DATA_FILE`] where the directory cannot be read.
pub fn files_below(dir: &Path, extensions: &[&str]) -> Result<Vec<std::path::PathBuf>, Diagnostic> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        let fail = |e: std::io::Error| Diagnostic::error(Code::DATA_FILE, format!("cannot read {}: {e}", dir.display()));
        for entry in std::fs::read_dir(&dir).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let path = entry.path();
            if entry.file_type().map_err(fail)?.is_dir() {
                open.push(path);
            } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_and_lists_files() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::write(dir.path().join("b/x.yml"), b"\xef\xbb\xbfa\xff").unwrap();
        std::fs::write(dir.path().join("c.txt"), "").unwrap();
        std::fs::write(dir.path().join("a.yml"), "").unwrap();
        let files = files_below(dir.path(), &["yml"]).unwrap();
        assert_eq!(files, [dir.path().join("a.yml"), dir.path().join("b/x.yml")]);
        assert_eq!(read_text(&files[1]).unwrap(), "a\u{fffd}");
        assert!(read_text(&dir.path().join("none")).unwrap_err().message.contains("none"));
        assert!(files_below(&dir.path().join("none"), &[]).is_err());
    }
}
