//! A small disk of one's own, which can be filled.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Gone when this is dropped.
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Only root mounts one; says so and gives none elsewhere.
    pub fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let options = format!("size={size},mode=0700");
        let output =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output().unwrap();
        if !output.status.success() {
            eprintln!("not run: no disk of its own: {}", super::text(&output.stderr).trim());
            return None;
        }
        Some(Self { at: at.to_path_buf() })
    }

    pub fn fill(&self) {
        let mut filler = fs::File::create(self.at.join("filler")).unwrap();
        while filler.write_all(&[0; 512]).is_ok() {}
    }

    pub fn make_room(&self) {
        fs::remove_file(self.at.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _why = Command::new("umount").arg("--lazy").arg(&self.at).output();
    }
}
