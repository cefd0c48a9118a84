//! The kernel's limits on file notifications and on open files, as it states them. Must not know who runs into them.

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::{self, File};

/// A limit that a person can raise, and what it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name, as `sysctl` spells it.
    pub name: &'static str,
    /// What it is.
    pub value: u64,
}

/// The limit on watches that is in force for this user: in a container its own one may be the lower.
pub fn watches() -> Option<Limit> {
    lowest(["fs.inotify.max_user_watches", "user.max_inotify_watches"])
}

/// The limit on inotify instances that is in force for this user.
pub fn instances() -> Option<Limit> {
    lowest(["fs.inotify.max_user_instances", "user.max_inotify_instances"])
}

/// How many files this process may have open, if it has so many open now that it gets no other. The kernel gives one
/// error for this and for the limits of a user.
pub fn open_files_used_up() -> Option<u64> {
    let refused = File::open("/").err().and_then(|error| Errno::from_io_error(&error))?;
    (refused == Errno::MFILE).then(|| getrlimit(Resource::Nofile).current).flatten()
}

/// Lets this process have as many files open at once as anybody lets it; gives how many these are, and `None` where there
/// is no limit.
pub fn open_all_files_allowed() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, most) {
        Ok(()) => most.current,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files stays what it is");
            limit.current
        }
    }
}

/// The lowest; of equals the first, since outside of a container both names mean the same limit.
fn lowest(names: [&'static str; 2]) -> Option<Limit> {
    names.into_iter().filter_map(limit).min_by_key(|limit| limit.value)
}

fn limit(name: &'static str) -> Option<Limit> {
    let text = fs::read_to_string(format!("/proc/sys/{}", name.replace('.', "/"))).ok()?;
    Some(Limit { name, value: text.trim().parse().ok()? })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_states_them() {
        assert!(watches().unwrap().value > 0);
        assert!(instances().unwrap().name.contains("instances"));
        assert_eq!(limit("fs.inotify.no_such_limit"), None);
        assert_eq!(open_files_used_up(), None);
    }
}
