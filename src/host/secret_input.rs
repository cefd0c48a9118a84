//! Secrets that somebody put into a file for us: tokens and private keys. Must not know what they open.

use super::refusal::Refusal;
use super::trusted::trusted_input;
use std::path::{Path, PathBuf};

/// No secret of that kind is larger.
const CAP: u64 = 64 << 10;

/// What others may not have: a group that the owner chose may read.
const OTHERS: u32 = 0o027;

/// The bytes of such a file. Refused where others may read it, or put another one there.
pub fn secret_input(path: &Path) -> Result<Vec<u8>, Refusal> {
    let contents = trusted_input(path, CAP)?;
    let mode = contents.facts.mode;
    if mode & OTHERS != 0 {
        return Err(Refusal::TooOpen { path: path.to_path_buf(), mode, wanted: mode & !OTHERS });
    }
    Ok(contents.bytes)
}

/// Where systemd put the credential of that name for this service; `None` where it gave none, see systemd.exec(5).
pub fn credential(name: &str) -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?);
    dir.is_absolute().then(|| dir.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_that_others_can_read_is_none() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("token");
        fs::write(&path, "t0ken").unwrap();
        let with_mode = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            secret_input(&path)
        };
        for mode in [0o600, 0o400, 0o440] {
            assert_eq!(with_mode(mode).unwrap(), b"t0ken");
        }
        for mode in [0o604, 0o644] {
            let refused = with_mode(mode).unwrap_err().to_string();
            assert!(refused.contains("chmod 0") && !refused.contains("t0ken"), "{refused}");
        }
    }
}
