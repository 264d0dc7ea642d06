//! A file that is written beside the old one and takes its place at the end, so that nobody sees half of it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file on its way.
pub struct Replacing {
    file: File,
    /// From where to where it is moved at the end; `None` for what is written in place, such as a named pipe.
    rename: Option<(PathBuf, PathBuf)>,
}

impl Replacing {
    /// Begins to write.
    pub fn create(path: &Path) -> io::Result<Replacing> {
        if path.exists() && !path.is_file() {
            let file = File::options().write(true).open(path)?;
            return Ok(Replacing { file, rename: None });
        }
        // A link stays a link: what it points to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let name = target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this path names no file"))?;
        let part = target.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
        let file = File::options().write(true).create_new(true).open(&part)?;
        Ok(Replacing { file, rename: Some((part, target)) })
    }

    /// Puts the file into its place.
    pub fn commit(mut self) -> io::Result<()> {
        self.file.flush()?;
        match self.rename.take() {
            Some((part, target)) => fs::rename(&part, target).inspect_err(|_| drop(fs::remove_file(&part))),
            None => Ok(()),
        }
    }
}

impl Write for Replacing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacing {
    fn drop(&mut self) {
        if let Some((part, _)) = &self.rename {
            // Nothing more can be done about a file that cannot be removed.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_stays_until_the_new_one_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        let mut given_up = Replacing::create(&path).unwrap();
        given_up.write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let mut whole = Replacing::create(&path).unwrap();
        whole.write_all(b"new").unwrap();
        whole.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(Replacing::create(&dir.path().join("none/out.csv")).is_err());
    }
}
