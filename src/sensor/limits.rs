//! What to do when the operating system gives no more notifications, in one sentence. Reads the limits, sets none.

use crate::host::limits::{Limit, instances, open_files_used_up, watches};

/// EMFILE: the user's inotify instances are used up, or our own descriptors.
const TOO_MANY_OPEN: i32 = 24;

/// A refusal in words that help. `wanted` is how many watches there should be.
pub(super) fn sentence(error: &notify::Error, wanted: usize) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => full("watches", watches(), "fs.inotify.max_user_watches", wanted),
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(TOO_MANY_OPEN) => {
            too_many_open(|| full("inotify instances", instances(), "fs.inotify.max_user_instances", 0))
        }
        notify::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// Why nothing more can be opened: the process's own limit, if that is it, else what the user's one is.
pub(super) fn too_many_open(of_the_user: impl FnOnce() -> String) -> String {
    match open_files_used_up() {
        Some(most) => format!(
            "the limit of open files of this process is reached ({most}): raise it with ulimit -n or LimitNOFILE="
        ),
        None => of_the_user(),
    }
}

fn full(what: &str, limit: Option<Limit>, usual: &str, wanted: usize) -> String {
    let Some(Limit { name, value }) = limit else {
        return format!("the limit of {what} for this user is reached: raise {usual} with sysctl");
    };
    // Others of this user need some too, so twice of what we need and at least twice of what there is.
    let enough = (wanted as u64).max(value).saturating_mul(2).checked_next_power_of_two().unwrap_or(u64::MAX);
    format!("the limit of {what} for this user is reached ({value}): raise it with sysctl {name}={enough}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_limit_to_raise_and_how_far() {
        let limit = |value| Some(Limit { name: "fs.inotify.max_user_watches", value });
        let said = full("watches", limit(8192), "x", 30_000);
        assert_eq!(
            said,
            "the limit of watches for this user is reached (8192): \
             raise it with sysctl fs.inotify.max_user_watches=65536"
        );
        assert!(full("watches", limit(8192), "x", 5).ends_with("=16384"));
        assert!(full("watches", None, "fs.inotify.max_user_watches", 5).contains("raise fs.inotify"));
    }
}
