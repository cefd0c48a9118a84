//! Keeping what this process has read out of the reach of others: no core dump, no debugger. Must not know what
//! it has read.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Leaves nothing behind when this process dies, and lets no other process of the same user look into it while
/// it lives. What the system refuses is left as it was: the work goes on.
pub fn harden() {
    let limit = Rlimit { current: Some(0), maximum: getrlimit(Resource::Core).maximum };
    if let Err(error) = setrlimit(Resource::Core, limit) {
        tracing::debug!(%error, "core dumps could not be limited");
    }
    // The limit alone is not enough: the kernel does not apply it where core dumps go to a program.
    if let Err(error) = forbid_dumps() {
        tracing::debug!(%error, "core dumps could not be forbidden");
    }
}

/// `/proc/self` belongs to root from then on, but what is below it opens for this process itself as before.
#[cfg(target_os = "linux")]
fn forbid_dumps() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
fn forbid_dumps() -> rustix::io::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::host::files::Files as _;
    use crate::host::machine::Machine;
    use rustix::process::{DumpableBehavior, dumpable_behavior, getuid};
    use std::os::unix::process::CommandExt as _;
    use std::path::PathBuf;
    use std::process::Command;

    const INSIDE: &str = "MCPWATCH_TEST_READS_HARDENED";
    const NOBODY: u32 = 65534;

    /// Runs in a process of its own: there is no way back from it. As somebody who is not root, since root may
    /// open anything below `/proc`, whoever owns it.
    #[test]
    fn nothing_is_dumped_and_files_are_still_read() {
        if let Some(file) = std::env::var_os(INSIDE) {
            harden();
            assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
            assert_eq!(getrlimit(Resource::Core).current, Some(0));
            assert!(!getuid().is_root());
            assert_eq!(Machine.read(&PathBuf::from(file), 10).unwrap().bytes, b"{}");
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("f");
        std::fs::write(&file, "{}").unwrap();
        // The program too: where it was built, others may not enter.
        let program = root.path().join("test");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let mut command = Command::new(&program);
        if getuid().is_root() {
            std::os::unix::fs::chown(&file, Some(NOBODY), None).unwrap();
            std::os::unix::fs::chown(root.path(), Some(NOBODY), None).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command
            .args(["--exact", "host::hardening::tests::nothing_is_dumped_and_files_are_still_read"])
            .env(INSIDE, &file)
            .current_dir("/")
            .output();
        let output = match output {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                eprintln!("not run: nothing in {} can be executed", root.path().display());
                return;
            }
            other => other.unwrap(),
        };
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
    }
}
