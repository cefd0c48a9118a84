//! The means by which one place is watched: fanotify where it works, the system's notifications where it does not.
//! Knows no plan.

use super::Means;
#[cfg(target_os = "linux")]
use super::fanotify::{Fanotify, Mark};
use super::hearing::Hearing;
use super::means::Refusal;
#[cfg(target_os = "linux")]
use super::means::Why;
use super::notify::Notify;
use super::plan::Role;
use crate::host::entry::Identity;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a watch hangs on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    /// A mark of fanotify.
    #[cfg(target_os = "linux")]
    Mark(Mark),
    /// A watch of the system's notifications.
    Watch,
}

/// All means.
pub(super) struct Ears {
    #[cfg(target_os = "linux")]
    fanotify: Option<Fanotify>,
    notify: Notify,
}

impl Held {
    pub(super) fn means(&self) -> Means {
        match self {
            #[cfg(target_os = "linux")]
            Self::Mark(_) => Means::Fanotify,
            Self::Watch => Means::Notify,
        }
    }

    /// Whether it is on the same file or directory, by the same means.
    pub(super) fn is_same(&self, other: Self) -> bool {
        match (self, other) {
            #[cfg(target_os = "linux")]
            (Self::Mark(mark), Self::Mark(other)) => mark.is_same(other),
            (Self::Watch, Self::Watch) => true,
            #[cfg(target_os = "linux")]
            _ => false,
        }
    }

    /// Whether it tells all that is to be heard of a place with that role.
    pub(super) fn is_enough(&self, role: Role) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Mark(mark) => mark.is_enough(role),
            Self::Watch => true,
        }
    }
}

impl Ears {
    /// The system's notifications alone.
    pub(super) fn with_notify(hearing: Hearing) -> Result<Self, Refusal> {
        let mut notify = Notify::new(hearing);
        notify.start()?;
        Ok(Self {
            #[cfg(target_os = "linux")]
            fanotify: None,
            notify,
        })
    }

    /// All there is, and why fanotify is not, if so.
    #[cfg(target_os = "linux")]
    pub(super) fn with_fanotify(hearing: Hearing) -> Result<(Self, Option<String>), Refusal> {
        match Fanotify::start(hearing.clone()) {
            Ok(fanotify) => Ok((Self { fanotify: Some(fanotify), notify: Notify::new(hearing) }, None)),
            Err(why) => Ok((Self::with_notify(hearing)?, Some(why))),
        }
    }

    /// All there is, and why fanotify is not, if so.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn with_fanotify(hearing: Hearing) -> Result<(Self, Option<String>), Refusal> {
        Ok((Self::with_notify(hearing)?, Some("it is a part of Linux".into())))
    }

    /// Hears of that place from now on; `wanted` is how many there should be in all.
    pub(super) fn add(
        &mut self,
        path: &Arc<OsStr>,
        identity: Identity,
        role: Role,
        wanted: usize,
    ) -> Result<Held, Refusal> {
        #[cfg(target_os = "linux")]
        if let Some(fanotify) = &self.fanotify {
            match fanotify.add(path, identity, role) {
                Ok(mark) => return Ok(Held::Mark(mark)),
                Err(refusal) if refusal.why != Why::Unsupported => return Err(refusal),
                Err(Refusal { reason, .. }) => {
                    let path = Path::new(&**path).display();
                    tracing::debug!(%path, reason, "fanotify does not work there, notifications may");
                }
            }
        }
        let _ = (identity, role);
        self.notify.add(Path::new(&**path), wanted).map(|()| Held::Watch)
    }

    /// Hears no more of it.
    pub(super) fn remove(&mut self, path: &OsStr, identity: Identity, held: Held) {
        let _ = identity;
        match held {
            #[cfg(target_os = "linux")]
            Held::Mark(mark) => {
                if let Some(fanotify) = &self.fanotify {
                    fanotify.remove(path, identity, mark);
                }
            }
            Held::Watch => self.notify.remove(Path::new(path)),
        }
    }

    /// Asks again where the system refused before.
    pub(super) fn forget(&mut self) {
        self.notify.forget();
    }

    /// Whether marks should be given up all at once, since too many hang on what nobody asks for.
    pub(super) fn is_cluttered(&self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(fanotify) = &self.fanotify {
            return fanotify.is_cluttered();
        }
        false
    }

    /// Gives up every mark.
    pub(super) fn remove_marks(&self) {
        #[cfg(target_os = "linux")]
        if let Some(fanotify) = &self.fanotify {
            fanotify.remove_all();
        }
    }

    /// Waits until everything that happened before is heard; says whether who did it is known of all of it.
    pub(super) fn catch_up(&self, at_most: Duration) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(fanotify) = &self.fanotify {
            return fanotify.catch_up(at_most);
        }
        let _ = at_most;
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::host::entry::Entry;

    #[test]
    fn where_fanotify_refuses_notifications_do() {
        let (mut ears, refused) = Ears::with_fanotify(Hearing::new(Box::new(|| {}))).unwrap();
        if let Some(why) = refused {
            return eprintln!("not run: no fanotify: {why}");
        }
        let root = tempfile::tempdir().unwrap();
        let Entry::Directory(identity) = Entry::at(root.path()) else { unreachable!() };
        let path: Arc<OsStr> = root.path().as_os_str().into();
        let held = ears.add(&path, identity, Role::Directory, 1).unwrap();
        assert_eq!(held.means(), Means::Fanotify);
        assert!(held.is_enough(Role::Way) && held.is_enough(Role::Directory));
        let another = (identity.0, identity.1 + 1);
        let gone = ears.add(&path, another, Role::Directory, 1).unwrap_err();
        assert_eq!(gone.why, Why::Gone, "another directory stands there");
        ears.remove(&path, identity, held);
        let way = ears.add(&path, identity, Role::Way, 1).unwrap();
        assert!(!way.is_enough(Role::Directory));
        ears.fanotify.as_ref().unwrap().end();
        let held = ears.add(&path, identity, Role::Directory, 1).unwrap();
        assert_eq!(held.means(), Means::Notify);
    }
}
