//! Which homes are looked at, and where the client keeps things in each. Opens nothing.

use super::Wishes;
use super::error::ComposeError;
use super::places::absolute;
use crate::config::{Config, Homes};
use crate::host::accounts::{self, Account};
use crate::surface::claude_code::Layout;
use std::path::{Path, PathBuf};

/// What the client reads to find its directory; it holds for the caller's own home only.
const CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";

/// One home.
#[derive(Clone, Debug)]
pub struct Home {
    /// Where the client keeps things in it.
    pub layout: Layout,
    /// Whether it is the caller's own.
    pub is_own: bool,
}

impl Home {
    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.layout.home
    }

    /// The number of whose it is. For the caller's own home no account needs to be looked up.
    pub fn owner_uid(&self) -> Option<u32> {
        if self.is_own { Some(accounts::own_uid()) } else { self.owner().map(|account| account.uid) }
    }

    /// The number of whose its files must be: the account's, else whoever the directory belongs to.
    pub fn file_owner(&self) -> u32 {
        self.owner_uid().or_else(|| accounts::owner_of(self.dir())).unwrap_or_else(accounts::own_uid)
    }

    /// Whose it is, as far as the accounts tell.
    pub fn owner(&self) -> Option<Account> {
        let own = accounts::by_uid(accounts::own_uid()).filter(|_| self.is_own);
        own.or_else(|| accounts::with_homes().into_iter().find(|account| account.home == self.layout.home))
    }
}

/// The homes that were asked for, else those of the configuration, else the caller's own.
pub(super) fn homes(wishes: &Wishes, config: &Config) -> Result<Vec<Home>, ComposeError> {
    let own = accounts::own_home();
    let mut dirs = match (&wishes.homes, &config.homes) {
        (wished, _) if !wished.is_empty() => {
            wished.iter().map(|home| absolute(home)).collect::<Result<Vec<_>, _>>()?
        }
        (_, Homes::Own) => vec![own.clone().ok_or(ComposeError::NoHome)?],
        (_, Homes::Listed(homes)) => homes.clone(),
        (_, Homes::All) if accounts::own_uid() == 0 => {
            accounts::with_homes().into_iter().map(|account| account.home).collect()
        }
        (_, Homes::All) => return Err(ComposeError::AllHomes),
    };
    dirs.iter_mut().for_each(|dir| *dir = dir.components().collect());
    let mut homes: Vec<Home> = Vec::with_capacity(dirs.len());
    for dir in dirs {
        if !homes.iter().any(|home| home.dir() == dir) {
            let is_own = own.as_ref() == Some(&dir);
            homes.push(Home { layout: layout(dir, is_own, wishes, config)?, is_own });
        }
    }
    Ok(homes)
}

fn layout(home: PathBuf, is_own: bool, wishes: &Wishes, config: &Config) -> Result<Layout, ComposeError> {
    let mut layout = Layout::of_home(&home);
    layout.config_dirs = config.config_dirs.get(&home).cloned().unwrap_or_default();
    let from_environment = std::env::var_os(CONFIG_DIR).filter(|dir| is_own && !dir.is_empty());
    if let Some(dir) = from_environment {
        layout.config_dirs.push(absolute(Path::new(&dir))?);
    }
    layout.config_dirs.dedup();
    if let Some(managed) = wishes.managed.as_deref().or(config.managed.as_deref()) {
        layout.managed = absolute(managed)?;
    }
    layout.projects = config.projects.clone();
    Ok(layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_that_is_named_twice_is_looked_at_once() {
        let wishes =
            Wishes { homes: vec!["/h/a".into(), "/h/a/".into(), "/h/b".into()], ..Wishes::default() };
        let config = Config {
            config_dirs: [("/h/b".into(), vec!["/h/b/.work".into()])].into(),
            managed: Some("/m".into()),
            ..Config::default()
        };
        let found = homes(&wishes, &config).unwrap();
        assert_eq!(found.iter().map(Home::dir).collect::<Vec<_>>(), [Path::new("/h/a"), Path::new("/h/b")]);
        assert_eq!(found[1].layout.config_dirs, [PathBuf::from("/h/b/.work")]);
        assert_eq!(found[0].layout.managed, PathBuf::from("/m"));
    }
}
