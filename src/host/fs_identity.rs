//! Looking at files with somebody else's eyes: this thread, for a moment, with an account's identity towards the file
//! system, so that it reads what that account may read and nothing else. Must not know what is read.
//!
//! Linux keeps that identity (user, group, supplementary groups) for each thread, and takes the rights over files away
//! with it; the rights of the process over other things stay.

/// An account as the file system sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FsIdentity {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl FsIdentity {
    /// That of the account, with all its groups, where it is another's and taking it is ours: as root.
    #[cfg(target_os = "linux")]
    pub fn of(uid: u32) -> Option<Self> {
        use super::accounts;
        if accounts::own_uid() != 0 || uid == 0 {
            return None;
        }
        let Some(account) = accounts::by_uid(uid) else {
            return Some(Self { uid, gid: uid, groups: Vec::new() });
        };
        let groups = uzers::get_user_groups(&account.name, account.gid).unwrap_or_default();
        Some(Self { uid, gid: account.gid, groups: groups.iter().map(uzers::Group::gid).collect() })
    }

    /// Not on this system.
    #[cfg(not(target_os = "linux"))]
    pub fn of(_uid: u32) -> Option<Self> {
        None
    }
}

/// Does something with that identity, where there is one, and is itself again afterwards.
pub fn with<T>(identity: Option<&FsIdentity>, act: impl FnOnce() -> T) -> T {
    #[cfg(target_os = "linux")]
    let _until_done = identity.map(thread::Taken::take);
    #[cfg(not(target_os = "linux"))]
    let _ = identity;
    act()
}

#[cfg(target_os = "linux")]
mod thread {
    //! The one door: the raw calls, since those of the C library change every thread of the process.
    #![allow(
        unsafe_code,
        reason = "no crate sets the file system identity; every call is wrapped here, with the reason why it is sound"
    )]

    use super::FsIdentity;
    use rustix::process::{Gid, getgroups};

    /// The identity, as long as this lives.
    pub(super) struct Taken {
        before: FsIdentity,
    }

    impl Taken {
        pub(super) fn take(identity: &FsIdentity) -> Self {
            let groups = getgroups().unwrap_or_default().into_iter().map(Gid::as_raw).collect();
            let before = FsIdentity {
                uid: rustix::process::geteuid().as_raw(),
                gid: rustix::process::getegid().as_raw(),
                groups,
            };
            set(identity);
            Self { before }
        }
    }

    impl Drop for Taken {
        fn drop(&mut self) {
            set(&self.before);
        }
    }

    /// Sets all three, and makes sure of it: going on with root's rights would be worse than not going on.
    fn set(identity: &FsIdentity) {
        let FsIdentity { uid, gid, groups } = identity;
        // SAFETY: the pointer and the number of what it points to come from one slice that outlives the call, which
        // changes nothing in memory.
        let done = unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) };
        // SAFETY: numbers in, a number out.
        let is_set = unsafe {
            libc::setfsgid(*gid);
            libc::setfsuid(*uid);
            // A number that no account has is refused, and what is in force is said.
            libc::setfsgid(u32::MAX) == gid.cast_signed() && libc::setfsuid(u32::MAX) == uid.cast_signed()
        };
        if done != 0 || !is_set {
            tracing::error!("the file system identity could not be set; nothing is read with another one");
            std::process::abort();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_the_account_may_not_read_is_not_read_and_root_is_itself_again() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("f");
        fs::write(&file, "x").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let Some(identity) = FsIdentity::of(45_678) else {
            assert_ne!(own_uid(), 0);
            eprintln!("not run: only root can take another identity");
            return;
        };
        let elsewhere = with(Some(&identity), || {
            assert!(fs::read(&file).is_err());
            std::thread::scope(|scope| scope.spawn(own_uid).join().unwrap())
        });
        assert_eq!((elsewhere, fs::read(&file).unwrap().as_slice()), (0, b"x".as_slice()));
        assert!(with(None, || fs::read(&file).is_ok()));
        assert_eq!(FsIdentity::of(0), None);
    }
}
