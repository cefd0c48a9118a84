//! A process of the client that runs. Must not know what it has loaded.

use jiff::Timestamp;
use std::path::PathBuf;

/// A process of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningClient {
    /// Its number.
    pub pid: u32,
    /// When it was started.
    pub started: Timestamp,
    /// The session that it has open, as the client itself says.
    pub session: Option<String>,
    /// Where it was started, or went since.
    pub directory: Option<PathBuf>,
}
