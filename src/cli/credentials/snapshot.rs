//! `credentials snapshot`: keeping the client's own login, sealed. Prints nothing of it, and nothing at all where a
//! hook runs it: what a SessionStart hook prints goes to the model.

use super::{files, require_keeping};
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{DIM, GOOD, Styled, WARN};
use crate::credentials::FILE_CAP;
use crate::credentials::login::{self, Place};
use crate::host::accounts;
use crate::host::read_error::ReadError;
use crate::journal::{Journal, KeptLogin};
use crate::restore;
use clap::Args;

/// Keep the client's own login, sealed in the state directory, for `restore`
#[derive(Args, Debug)]
#[command(
    after_help = "Only where the configuration says so: credentials.keep = true. A SessionStart hook of the\nclient can run it with --quiet.\n\nExit codes: 0 kept, 1 there is no login to keep, 2 trouble.\n\nExamples:\n  mcpwatch credentials snapshot\n  mcpwatch credentials snapshot --quiet"
)]
pub(crate) struct Snapshot {
    /// Print nothing but trouble
    #[arg(long)]
    quiet: bool,
}

impl Snapshot {
    /// Keeps it.
    pub(super) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        require_keeping(session)?;
        let mut journal = Journal::open(&session.setup.state)?;
        let mut kept = 0;
        for file in files(session) {
            // A session starts often, and a draft with a login in it may have been left.
            restore::clear_up_beside(&file, accounts::own_uid(), session.setup.clock());
            let bytes = match session.setup.files().read(&file, FILE_CAP) {
                Ok(contents) => contents.bytes,
                Err(ReadError::Missing(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let shown = file.display();
            match login::place(&bytes) {
                Place::Login(login) => {
                    journal.keep_login(&file, &KeptLogin { at: session.now(), login })?;
                    kept += 1;
                    self.say(Styled::new("kept", GOOD).and(format!("  the login in {shown}")), out)?;
                }
                Place::Free => {
                    self.say(
                        Styled::new("no login", WARN).and(format!("  in {shown}: nothing is kept anew")),
                        out,
                    )?;
                }
                Place::Damaged => {
                    return Err(Failure::new(format!("{shown} is no JSON: nothing is kept anew"))
                        .help(format!("mcpwatch{} credentials status", session.repeated(None))));
                }
            }
        }
        if kept == 0 {
            self.say(Styled::new("There was no login to keep", DIM), out)?;
        }
        Ok(if kept > 0 { OK } else { SOME })
    }

    fn say(&self, line: Styled, out: &mut Output<'_>) -> std::io::Result<()> {
        if self.quiet { Ok(()) } else { out.line(line, 6) }
    }
}
