//! `credentials restore`: a lost login of the client put back beside what is there today. Typed by a person; knows
//! nothing of how a file is changed.

use super::require_keeping;
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::session::Session;
use crate::cli::style::{COMMAND, DIM, GOOD, Styled, WARN};
use crate::cli::when::to_the_second;
use crate::compose::Home;
use crate::host::accounts;
use crate::journal::{Journal, KeptLogin};
use crate::model::event::AgentAction;
use crate::restore::{LoginRefusal, clear_up_beside, put_login_back, require_no_login};
use clap::Args;
use serde::Serialize;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

/// What the client sets for whatever it runs.
const CLIENTS_OWN: &str = "CLAUDECODE";

/// Put the client's own login back, as it was kept, where it is missing
#[derive(Args, Debug)]
#[command(
    after_help = "For a person to type: neither the agent nor the client does it. A login that is there is never\nreplaced. What was kept may have been renewed since: an old refresh token can end other sessions\nof yours.\n\nExit codes: 0 put back, 1 refused, 2 trouble.\n\nExamples:\n  mcpwatch credentials restore\n  mcpwatch credentials restore --yes --format json"
)]
pub(crate) struct Restore {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints. Its keys are a promise.
#[derive(Serialize)]
struct Document {
    /// Every file for which a login was kept.
    files: Vec<Row>,
}

/// One file.
#[derive(Serialize)]
struct Row {
    file: String,
    /// `restored` or `refused`.
    outcome: &'static str,
    /// Why it was refused.
    reason: Option<String>,
    /// What to do about that.
    help: Option<String>,
    /// When the login was kept.
    kept: String,
    /// How many bytes of the file are new.
    bytes_changed: Option<usize>,
}

/// One login that was kept, and where it belongs.
struct Lost<'h> {
    home: &'h Home,
    file: PathBuf,
    kept: KeptLogin,
}

impl Restore {
    /// Puts it back.
    pub(super) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        require_keeping(session).map_err(Failure::refused)?;
        require_person()?;
        let mut journal = Journal::open(&session.setup.state)?;
        let mut rows = Vec::new();
        for home in &session.setup.homes {
            for (_, file) in home.layout.credentials() {
                if home.file_owner() == accounts::own_uid() {
                    clear_up_beside(&file, accounts::own_uid(), session.setup.clock());
                }
                if let Some(kept) = journal.kept_login(&file)? {
                    rows.push(self.restore(&Lost { home, file, kept }, session, &mut journal)?);
                }
            }
        }
        if rows.is_empty() {
            let snapshot = format!("mcpwatch{} credentials snapshot", session.repeated(None));
            let failure = Failure::new("no login was kept that could be put back").refused();
            return Err(failure.help(format!("log in again; {snapshot} then keeps that one")));
        }
        let is_done = rows.iter().all(|row| row.reason.is_none());
        match self.format.format {
            Format::Json => out.json(&Document { files: rows })?,
            Format::Text => rows.iter().try_for_each(|row| print(row, out))?,
        }
        Ok(if is_done { OK } else { SOME })
    }

    fn restore(&self, lost: &Lost<'_>, session: &Session<'_>, journal: &mut Journal) -> Result<Row, Failure> {
        let owner = lost.home.file_owner();
        if owner != accounts::own_uid() {
            let owner = accounts::name_of(owner);
            return Ok(lost.refused(format!("it belongs to {owner}, who has to type this"), None));
        }
        if let Err(refusal) = require_no_login(&lost.file, owner) {
            return Ok(lost.refused(refusal.to_string(), lost.help(&refusal)));
        }
        self.require_consent(lost)?;
        match put_login_back(&lost.file, owner, &lost.kept.login, session.setup.clock()) {
            Ok(bytes) => {
                let by = session.setup.caller();
                let file = lost.file.to_string_lossy().into_owned();
                let message = format!("{by} put the client's own login back, as it was kept, into {file}");
                let recorder = session.recorder(journal, lost.home);
                let mut event = recorder.done(AgentAction::CredentialsRestored, &message);
                event.set("file.path", file);
                journal.append(event)?;
                Ok(Row { outcome: "restored", bytes_changed: Some(bytes), ..lost.row() })
            }
            Err(refusal) => Ok(lost.refused(refusal.to_string(), lost.help(&refusal))),
        }
    }

    /// Says what may come of it, and asks. On standard error: the answer on standard output is for programs, too.
    fn require_consent(&self, lost: &Lost<'_>) -> Result<(), Failure> {
        let mut out = Output::stderr();
        let warning = format!(
            "The login that was kept at {} goes back into {}. If the client has renewed it since, its old refresh \
             token may end other sessions of yours.",
            to_the_second(&lost.kept.at.to_string()),
            lost.file.display()
        );
        out.line(Styled::new(warning, WARN), 2)?;
        if self.yes {
            return Ok(out.flush()?);
        }
        if !io::stdin().is_terminal() {
            out.flush()?;
            let failure = Failure::new("nobody can be asked here, and nothing was changed").refused();
            return Err(failure.help("type it in a terminal, or say --yes"));
        }
        out.line("Put it back? Type yes:", 2)?;
        out.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        match answer.trim() {
            "yes" => Ok(()),
            _ => Err(Failure::new("nothing was changed").refused()),
        }
    }
}

/// Refuses what the client runs, a hook or its model: a person types this.
fn require_person() -> Result<(), Failure> {
    if std::env::var_os(CLIENTS_OWN).is_none() || io::stdin().is_terminal() {
        return Ok(());
    }
    let failure = Failure::new("a login is put back by a person, not by what the client runs").refused();
    Err(failure.help("type it in a terminal of your own"))
}

impl Lost<'_> {
    fn row(&self) -> Row {
        Row {
            file: self.file.display().to_string(),
            outcome: "refused",
            reason: None,
            help: None,
            kept: self.kept.at.to_string(),
            bytes_changed: None,
        }
    }

    fn refused(&self, why: String, help: Option<String>) -> Row {
        Row { reason: Some(why), help, ..self.row() }
    }

    /// What to do about a refusal.
    fn help(&self, refusal: &LoginRefusal) -> Option<String> {
        let file = paths::quoted(&self.file.display().to_string());
        match refusal {
            LoginRefusal::Missing => Some(format!(
                "log in again; or make an empty one, then again: (umask 077; echo '{{}}' > {file})"
            )),
            LoginRefusal::Damaged => Some(format!("mv {file} {file}.damaged, and log in again")),
            LoginRefusal::Open(_) => Some(format!("chmod 600 {file}, then again")),
            LoginRefusal::Locked | LoginRefusal::Undone => {
                Some("wait until the client is done, then again".into())
            }
            LoginRefusal::IsThere | LoginRefusal::Replace(_) | LoginRefusal::Splice(_) => None,
        }
    }
}

fn print(row: &Row, out: &mut Output<'_>) -> io::Result<()> {
    let Some(why) = &row.reason else {
        let kept = to_the_second(&row.kept);
        out.line(Styled::new("restored", GOOD).and(format!("  the login of {kept} into {}", row.file)), 10)?;
        return out.line(Styled::new("          start the client anew; if it asks, log in", DIM), 10);
    };
    out.line(Styled::new("refused", WARN).and(format!("   {} is as it was: {why}", row.file)), 10)?;
    match &row.help {
        Some(help) => out.line(Styled::plain("          ").then(help.as_str(), COMMAND), 10),
        None => Ok(()),
    }
}
