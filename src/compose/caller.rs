//! Who types a command: the person, also behind `sudo`. Decides nothing by it; whoever is root can say anything.

use crate::host::{accounts, process};
use std::fmt;

/// The person who typed a command, and the account that it runs as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The person's number.
    pub uid: u32,
    /// The person's name.
    pub name: String,
    /// The number of the account that the command runs as.
    pub account: u32,
    /// The name of the account that the command runs as, where that is another.
    pub acts_as: Option<String>,
}

impl Caller {
    /// Whoever typed the command that runs now: as root the one whom `sudo` names, else who logged in.
    pub(super) fn now() -> Self {
        let own = accounts::own_uid();
        let person = if own == 0 { sudo_uid().or_else(login_uid).unwrap_or(own) } else { own };
        Self::of(person, own, accounts::name_of)
    }

    fn of(person: u32, own: u32, name_of: impl Fn(u32) -> String) -> Self {
        let acts_as = (person != own).then(|| name_of(own));
        Self { uid: person, name: name_of(person), account: own, acts_as }
    }
}

/// One name can belong to another account tomorrow, a number hardly: both are said.
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uid, name, acts_as, account: _ } = self;
        match acts_as {
            Some(account) => write!(f, "{name} (uid {uid}, as {account})"),
            None => write!(f, "{name} (uid {uid})"),
        }
    }
}

fn sudo_uid() -> Option<u32> {
    std::env::var("SUDO_UID").ok()?.parse().ok().filter(|uid| *uid != 0)
}

/// Who logged in, as the kernel kept it through every change of account since.
fn login_uid() -> Option<u32> {
    process::facts(std::process::id())?.credentials?.login.filter(|uid| *uid != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_is_told_from_the_account() {
        let name = |uid: u32| if uid == 0 { "root".to_owned() } else { "alice".to_owned() };
        assert_eq!(Caller::of(1000, 1000, name).to_string(), "alice (uid 1000)");
        assert_eq!(Caller::of(1000, 0, name).to_string(), "alice (uid 1000, as root)");
        assert_eq!(Caller::of(0, 0, name).to_string(), "root (uid 0)");
    }
}
