//! The one place that names concrete parts and puts them together.

use std::path::PathBuf;

/// What the caller asked for; it comes before what the configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// A configuration file instead of the usual one.
    pub config: Option<PathBuf>,
    /// Where journal and key lie.
    pub state: Option<PathBuf>,
    /// Which homes to look at.
    pub homes: Vec<PathBuf>,
    /// Where the templates lie.
    pub baselines: Vec<PathBuf>,
    /// What stands in for the client's managed directory.
    pub managed: Option<PathBuf>,
}
