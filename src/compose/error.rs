//! Why nothing could be put together. Each is one sentence that says what to do next.

use crate::baseline::signed::KeyProblem;
use crate::config::Problem;
use crate::host::refusal::Refusal;
use crate::journal::JournalError;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Why nothing could be put together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The configuration says what cannot be understood.
    #[error("{}", listed(.file, .problems))]
    Config {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// The configuration is no text.
    #[error("{}, line {line}: this is not UTF-8: save the file as UTF-8 text", .file.display())]
    ConfigEncoding {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
    },
    /// A template says what cannot be understood.
    #[error("{}", .0.join("\n"))]
    Template(Vec<String>),
    /// A public key in the configuration that is none.
    #[error("public_keys of {} in the configuration: {problem}", .dir.display())]
    PublicKey {
        /// Of which directory.
        dir: PathBuf,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// A file of ours is not as it must be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal is not used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Nobody knows where the caller lives.
    #[error("your home is not known: set HOME, or name one with --home DIR")]
    NoHome,
    /// Only root may look at every home.
    #[error("homes = \"all\" in the configuration is for root: run as root, or name homes with --home DIR")]
    AllHomes,
    /// A path that leads nowhere.
    #[error("{} cannot be made an absolute path ({reason}): name another", .path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

fn listed(file: &std::path::Path, problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let gap = if text.is_empty() { "" } else { "\n" };
        // NOTE(ignored): writing to a string cannot fail.
        let _ = write!(text, "{gap}{}, {problem}", file.display());
    }
    text
}
