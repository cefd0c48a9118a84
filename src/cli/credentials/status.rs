//! `credentials status`: which logins are there, by name. Knows nothing of what is in one.

use crate::cli::error::{Answer, OK, SOME};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::{Checked, Session};
use crate::cli::style::{BAD, COMMAND, DIM, GOOD, STRONG, Styled, WARN};
use crate::cli::when::to_the_second;
use crate::credentials::witness;
use crate::journal::Journal;
use crate::model::credentials::{Credentials, CredentialsState};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;

/// See which logins there are, and what is wrong with the file that holds them; never what is in them
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 all is well, 1 a file is damaged or open to others, 2 trouble.\n\nExamples:\n  mcpwatch credentials status\n  mcpwatch credentials status --format json"
)]
pub(crate) struct Status {
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document {
    /// Whether logins are kept at all.
    keep: bool,
    /// Every credentials file.
    files: Vec<Row>,
}

/// One file.
#[derive(Serialize)]
struct Row {
    file: String,
    /// `sound`, `missing`, `damaged` or `unreadable`.
    state: &'static str,
    /// Why it cannot be read.
    problem: Option<String>,
    /// Whether the client's own login is there.
    has_login: bool,
    /// The logins of servers.
    logins: Vec<LoginRow>,
    /// Its permissions, in octal.
    mode: Option<String>,
    /// Whether others than the owner can read or write it.
    is_open: bool,
    /// When the client's own login was kept last.
    kept: Option<String>,
}

/// One login of a server.
#[derive(Serialize)]
struct LoginRow {
    /// The server's name.
    server: String,
    /// Whether it is for the endpoint of a server that is configured now; no other is used.
    is_current: bool,
}

impl Status {
    /// Prints.
    pub(super) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let reading = session.setup.reading()?;
        let homes = session.check(&reading, reading.journal.as_ref())?;
        let mut files = Vec::new();
        for checked in &homes {
            for credentials in &checked.report.inventory.credentials {
                files.push(row(credentials, checked, reading.journal.as_ref())?);
            }
        }
        let is_ill = files.iter().any(|row| row.is_open || matches!(row.state, "damaged" | "unreadable"));
        let document = Document { keep: session.setup.config.keep_login, files };
        match self.format.format {
            Format::Json => out.json(&document)?,
            Format::Text => document.files.iter().try_for_each(|row| print(row, out))?,
        }
        Ok(if is_ill { SOME } else { OK })
    }
}

fn row(
    credentials: &Credentials,
    checked: &Checked<'_>,
    journal: Option<&Journal>,
) -> Result<Row, crate::cli::error::Failure> {
    let kept = match journal {
        Some(journal) => journal.kept_login(&credentials.file)?.map(|kept| kept.at.to_string()),
        None => None,
    };
    let mut row = Row {
        file: credentials.file.display().to_string(),
        state: "missing",
        problem: None,
        has_login: false,
        logins: Vec::new(),
        mode: None,
        is_open: false,
        kept,
    };
    match &credentials.state {
        CredentialsState::Missing => {}
        CredentialsState::Unreadable(why) => (row.state, row.problem) = ("unreadable", Some(why.clone())),
        CredentialsState::Damaged { is_empty } => {
            let problem = if *is_empty { "it is empty" } else { "it is cut off or no JSON" };
            (row.state, row.problem) = ("damaged", Some(problem.to_owned()));
        }
        CredentialsState::Sound(shape) => {
            let current = current(checked);
            row.state = "sound";
            row.has_login = shape.has_login;
            row.logins = shape
                .logins
                .iter()
                .map(|login| LoginRow {
                    server: login.rsplit_once('|').map_or(login.as_str(), |(server, _)| server).to_owned(),
                    is_current: current.contains(login),
                })
                .collect();
            row.mode = Some(format!("{:04o}", shape.mode));
            row.is_open = shape.mode & 0o077 != 0;
        }
    }
    Ok(row)
}

/// The names of the logins that servers would use which are configured now.
fn current(checked: &Checked<'_>) -> BTreeSet<String> {
    let servers = checked.report.inventory.servers.iter();
    servers
        .flat_map(|server| {
            let order = witness::header_names(server.raw.reveal());
            witness::login_names(&server.name, &server.entry.to_value(), &order)
        })
        .collect()
}

fn print(row: &Row, out: &mut Output<'_>) -> io::Result<()> {
    out.line(Styled::new(row.file.as_str(), STRONG), 2)?;
    let login = match (row.state, &row.problem) {
        ("missing", _) => Styled::new("  is not there", DIM).and(": nobody is logged in"),
        (_, Some(problem)) => Styled::new(format!("  {}", row.state), BAD).and(format!(": {problem}")),
        _ if row.has_login => Styled::new("  logged in", GOOD),
        _ => Styled::new("  the client's own login is not there", WARN),
    };
    out.line(login, 4)?;
    for login in &row.logins {
        let line = Styled::plain("  login of ").then(login.server.as_str(), STRONG);
        let line = if login.is_current {
            line
        } else {
            line.then("  for an endpoint that no server has now: it moved, or the login is old", WARN)
        };
        out.line(line, 4)?;
    }
    if row.is_open {
        let mode = row.mode.as_deref().unwrap_or_default();
        let line = Styled::new(format!("  open to others (mode {mode})"), BAD).and(": ");
        out.line(line.then(format!("chmod 600 {}", crate::cli::paths::quoted(&row.file)), COMMAND), 4)?;
    }
    let kept = row.kept.as_deref();
    let line = match kept {
        Some(at) => Styled::new(format!("  the client's own login was kept {}", to_the_second(at)), DIM),
        None => Styled::new("  no copy of the client's own login is kept", DIM),
    };
    out.line(line, 4)?;
    Ok(())
}
