//! `credentials restore`: a lost login of the client put back beside what is there today. Typed by a person; never
//! replaces a login that is there.

use super::require_keeping;
use crate::cli::error::{Answer, Failure};
use crate::cli::output::Output;
use crate::cli::session::Session;
use clap::Args;

/// Put the client's own login back, as it was kept, where it is missing
#[derive(Args, Debug)]
#[command(
    after_help = "A login that is there is never replaced. The login that was kept may have been renewed since:\nusing an old one can end other sessions of yours.\n\nExamples:\n  mcpwatch credentials restore"
)]
pub(crate) struct Restore {}

impl Restore {
    /// Puts it back.
    pub(super) fn run(&self, session: &Session<'_>, _out: &mut Output<'_>) -> Answer {
        require_keeping(session)?;
        Err(Failure::new("not yet"))
    }
}
