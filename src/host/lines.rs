//! A file line by line, each and all of them bounded. Must not know what the lines mean.

use super::read_error::ReadError;
use rustix::fs::{FileType, Mode, OFlags, fstat};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Lines that were too long.
    pub skipped: usize,
    /// Whether all of the file was read.
    pub is_whole: bool,
}

/// Hands over each line of a regular file that is no link, without its end. A line of more than `longest` bytes is
/// skipped; `left` says how many bytes may be read still, and is told how many are left.
pub fn each_line(
    path: &Path,
    longest: usize,
    left: &mut u64,
    mut each: impl FnMut(&[u8]),
) -> Result<Lines, ReadError> {
    let failed = |error: std::io::Error| ReadError::from_io(path, &error);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file =
        File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(|error| failed(error.into()))?);
    let stat = fstat(&file).map_err(|error| failed(error.into()))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(ReadError::Device(path.to_path_buf()));
    }
    let mut reader = BufReader::new(file.take(*left));
    let mut line = Vec::new();
    let mut skipped = 0;
    let mut is_too_long = false;
    loop {
        let chunk = reader.fill_buf().map_err(failed)?;
        if chunk.is_empty() {
            break;
        }
        let end = memchr::memchr(b'\n', chunk);
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or(chunk);
        let taken = part.len() + usize::from(end.is_some());
        if line.len() + part.len() > longest {
            is_too_long = true;
            line.clear();
        } else if !is_too_long {
            line.extend_from_slice(part);
        }
        reader.consume(taken);
        if end.is_some() {
            if std::mem::take(&mut is_too_long) {
                skipped += 1;
            } else {
                each(&line);
            }
            line.clear();
        }
    }
    skipped += usize::from(is_too_long);
    // The last line may have no end; of a file that was not read to its end it is half a line.
    let rest = reader.into_inner();
    let is_whole = rest.limit() > 0;
    if is_whole && !line.is_empty() {
        each(&line);
    }
    *left = rest.limit();
    Ok(Lines { skipped, is_whole })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(text: &str, longest: usize, mut left: u64) -> (Vec<String>, Lines, u64) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        fs::write(&file, text).unwrap();
        let mut lines = Vec::new();
        let read = each_line(&file, longest, &mut left, |line| {
            lines.push(String::from_utf8_lossy(line).into_owned())
        });
        (lines, read.unwrap(), left)
    }

    #[test]
    fn long_lines_are_skipped_and_the_rest_is_bounded() {
        let whole = |skipped| Lines { skipped, is_whole: true };
        assert_eq!(
            read("a\nbb\n\nccc", 9, 100),
            (vec!["a".into(), "bb".into(), String::new(), "ccc".into()], whole(0), 91)
        );
        assert_eq!(read("a\nbbbb\nc\n", 3, 100).0, ["a", "c"]);
        assert_eq!(read("a\nbbbb", 3, 100).1, whole(1));
        let (lines, read, left) = read("aa\nbb\ncc\n", 9, 4);
        assert_eq!((lines, read.is_whole, left), (vec!["aa".to_owned()], false, 0));
    }

    #[test]
    fn only_regular_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        for path in [link.as_path(), dir.path(), Path::new("/dev/null"), &dir.path().join("none")] {
            assert!(each_line(path, 9, &mut 100, |_| {}).is_err(), "{}", path.display());
        }
    }
}
