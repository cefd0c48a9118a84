//! The client's credentials file, by its shape: which logins are in it, and never what is in a login.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A credentials file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The file.
    pub file: PathBuf,
    /// How it was found.
    pub state: CredentialsState,
    /// Whether the client's own file beside it names an account, which a logout takes out; `None` where that file
    /// cannot be read.
    pub has_account: Option<bool>,
}

/// How a credentials file was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CredentialsState {
    /// Nothing is there.
    Missing,
    /// It cannot be read, and why.
    Unreadable(String),
    /// The client could not read it: empty, cut off, or no JSON at all.
    Damaged {
        /// Whether nothing is in it.
        is_empty: bool,
    },
    /// The client can read it.
    Sound(CredentialsShape),
}

/// What is in it, without anything secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialsShape {
    /// Whether the client's own login (`claudeAiOauth`) is there, with a token in it.
    pub has_login: bool,
    /// The logins of servers (`mcpOAuth`): each one's name, `|`, and a hash of the endpoint that it is for.
    pub logins: BTreeSet<String>,
    /// Its permissions.
    pub mode: u32,
    /// Whose it is.
    pub owner: u32,
}
