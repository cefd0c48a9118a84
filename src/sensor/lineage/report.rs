//! How the record fares, in figures and in one sentence. Must not know how it is kept.

/// How the record fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In a few words: `running`, or what is the matter.
    pub state: String,
    /// What did not go as it should at the start, in a sentence.
    pub note: Option<String>,
    /// Forks that were told.
    pub forks: u64,
    /// Programs that were run.
    pub execs: u64,
    /// Processes that ended.
    pub exits: u64,
    /// Events that are known to be lost.
    pub drops: u64,
    /// How many times some were.
    pub losses: u64,
    /// Messages that were none, or not the kernel's.
    pub junk: u64,
    /// Processes that are remembered now.
    pub remembered: usize,
    /// Programs whose command line was gone before it could be read.
    pub missed: u64,
    /// Ends that nobody could be told of.
    pub unheard: u64,
}
