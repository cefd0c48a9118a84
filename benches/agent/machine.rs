//! Where it was measured. Knows nothing of what is measured.

use std::fs;
use std::path::Path;

/// Prints the facts without which no figure means anything.
pub(crate) fn print() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let directory = std::env::temp_dir();
    println!("binary   {}", super::home::binary().display());
    println!(
        "machine  {cores} cores, Linux {kernel}, {} in {}",
        file_system(&directory),
        directory.display()
    );
    println!("load     {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default().trim().to_owned()
}

/// The kind of file system on which a directory lies.
fn file_system(directory: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mut best = (0, String::from("an unknown file system"));
    for line in mounts.lines() {
        let mut words = line.split(' ').skip(1);
        let (Some(at), Some(kind)) = (words.next(), words.next()) else { continue };
        if directory.starts_with(at) && at.len() >= best.0 {
            best = (at.len(), kind.to_owned());
        }
    }
    best.1
}
