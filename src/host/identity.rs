//! What this machine is, and fresh names for what happens on it. Must not know what is named.

use crate::model::event::HostFacts;
use jiff::Timestamp;
use rustix::system::uname;
use std::fs;

/// What events say about this machine.
pub fn host_facts() -> HostFacts {
    let system = uname();
    HostFacts {
        name: system.nodename().to_string_lossy().into_owned(),
        id: machine_id(),
        architecture: system.machine().to_string_lossy().into_owned(),
        os_type: std::env::consts::OS.to_owned(),
        kernel: system.release().to_string_lossy().into_owned(),
    }
}

/// The machine's name on the network.
pub fn host_name() -> String {
    uname().nodename().to_string_lossy().into_owned()
}

/// A fresh event id: a UUIDv7, so that ids sort as times do.
pub fn event_id(at: Timestamp) -> String {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
    uuid::Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds)).to_string()
}

/// The id that the system was given when it was installed.
fn machine_id() -> Option<String> {
    let text = fs::read_to_string("/etc/machine-id").ok()?;
    let id = text.trim();
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fresh_and_carry_the_time() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let (one, two) = (event_id(at), event_id(at));
        assert_ne!(one, two);
        assert_eq!(one[..13], two[..13]);
        assert_eq!(&one[14..15], "7");
        assert!(!host_name().is_empty());
    }
}
