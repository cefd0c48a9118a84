//! `baseline show`: every server and setting, and on what it stands. Judges nothing.

mod document;

use crate::cli::error::{Answer, OK};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::session::{Checked, Session};
use crate::cli::style::{BAD, COMMAND, DIM, GOOD, STRONG, Styled, WARN};
use crate::cli::switched_off;
use crate::cli::table::Table;
use crate::cli::when;
use clap::Args;
use document::{Document, Ground, Row};
use std::path::Path;

/// Print what should be there, and on whose word: a template, an approval, or nothing
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  mcpwatch baseline show\n  mcpwatch baseline show --format json")]
pub(crate) struct Show {
    #[command(flatten)]
    format: FormatOption,
}

impl Show {
    /// Prints.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let reading = session.setup.reading()?;
        let homes = session.check(&reading, reading.journal.as_ref())?;
        let document = Document::new(&reading, &homes);
        match self.format.format {
            Format::Json => out.json(&document)?,
            Format::Text => print(&document, &homes, session, out)?,
        }
        Ok(OK)
    }
}

fn print(
    document: &Document,
    homes: &[Checked<'_>],
    session: &Session<'_>,
    out: &mut Output<'_>,
) -> std::io::Result<()> {
    for template in &document.templates {
        let version = template.version.map(|version| format!(" version {version}")).unwrap_or_default();
        let line = Styled::plain("template ").then(format!("{}{version}", template.name), STRONG);
        out.line(line.then(format!("  {}", template.file), DIM), 2)?;
    }
    for rejected in &document.rejected {
        out.line(Styled::new("template rejected", WARN).and(": ").and(&rejected.why), 2)?;
    }
    if let Some(why) = switched_off::sentence(session) {
        out.line(Styled::new(why, WARN), 2)?;
    }
    for checked in homes {
        let home = checked.home.dir();
        let shown = home.display().to_string();
        let rows: Vec<&Row> =
            document.entries.iter().filter(|row| row.home.as_ref().is_none_or(|of| *of == shown)).collect();
        if !document.templates.is_empty() || homes.len() > 1 {
            out.gap()?;
        }
        if homes.len() > 1 {
            out.line(Styled::new(shown, STRONG), 2)?;
        }
        if rows.is_empty() && document.local_approvals {
            let options = session.repeated(Some(checked.home));
            out.line(
                Styled::new("Nothing is expected here", WARN)
                    .and(": no template and no approval; ")
                    .then(format!("mcpwatch{options} baseline capture"), COMMAND)
                    .and(" makes one"),
                2,
            )?;
            continue;
        }
        let mut table = Table::new(&["NAME", "WHAT", "WHERE", "STANDS ON"]);
        rows.iter().for_each(|row| {
            table.row([Styled::new(row.name.as_str(), STRONG), what(row), place(row, home), ground(row)]);
        });
        table.print(out)?;
    }
    Ok(())
}

fn what(row: &Row) -> Styled {
    let style = match row.kind {
        "denied" | "unlisted" => BAD,
        "allowed" => GOOD,
        _ => DIM,
    };
    let required = if row.required { ", required" } else { "" };
    Styled::new(format!("{}{required}", row.kind), style)
}

fn place(row: &Row, home: &Path) -> Styled {
    let mut words = row.scopes.join(", ");
    for path in [&row.project, &row.file].into_iter().flatten().take(1) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&paths::short(Path::new(path), home));
    }
    Styled::new(words, DIM)
}

fn ground(row: &Row) -> Styled {
    let line = match &row.ground {
        Ground::Template { name, version } => {
            let version = version.map(|version| format!(" version {version}")).unwrap_or_default();
            Styled::plain(format!("template {name}{version}"))
        }
        Ground::Approval { id, by, at, reason, expires, .. } => {
            let mut words = format!("approval {id} by {by}, {}", when::day(at));
            if let Some(expires) = expires {
                words.push_str(&format!(", until {}", when::day(expires)));
            }
            if let Some(reason) = reason {
                words.push_str(&format!(": {reason}"));
            }
            Styled::plain(words)
        }
        Ground::Nothing => Styled::new("nothing", WARN),
    };
    let line = match &row.by_rule {
        Some(rule) => line.then(format!(" ({rule})"), DIM),
        None => line,
    };
    match &row.overruled_by {
        Some(template) => line.then(format!(" (the template {template} rules instead)"), DIM),
        None => line,
    }
}
