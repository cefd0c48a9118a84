//! What was captured as a short table, by file. Approves nothing.

use crate::check::Report;
use crate::cli::baseline::taken::{State, Taken};
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::style::{DIM, GOOD, STRONG, Styled, WARN};
use crate::cli::table::Table;
use crate::model::setting::SettingKind;
use crate::model::subject::Subject;
use std::io;
use std::path::Path;

/// One line of the table.
pub(super) struct Row {
    /// Where it stands.
    group: String,
    name: String,
    sort: &'static str,
    state: State,
}

/// The rows of what is worth a line: servers, settings and programs that are new or not as they were.
pub(super) fn rows(taken: &[Taken], report: &Report, home: &Path) -> Vec<Row> {
    let mut rows: Vec<Row> = taken
        .iter()
        .filter(|one| one.state != State::Same)
        .filter_map(|one| row(one, report, home))
        .collect();
    rows.sort_by(|a, b| a.group.cmp(&b.group));
    rows
}

fn row(taken: &Taken, report: &Report, home: &Path) -> Option<Row> {
    let file = paths::short(&taken.approval.file, home);
    let of_project = |project: &Option<std::path::PathBuf>| match project {
        Some(project) => format!(", project {}", paths::short(project, home)),
        None => String::new(),
    };
    let (group, name, sort) = match &taken.approval.subject {
        Subject::Server { scope, project, name } => {
            (format!("{file}  {scope} scope{}", of_project(project)), name.clone(), "server")
        }
        Subject::Setting { key, project, .. } => {
            let setting = report
                .inventory
                .settings
                .iter()
                .find(|known| Subject::setting(known) == taken.approval.subject);
            let scope =
                setting.map(|setting| format!("  {} scope", setting.surface.scope)).unwrap_or_default();
            let sort = setting.map_or("setting", |setting| sort(setting.kind));
            (format!("{file}{scope}{}", of_project(project)), key.clone(), sort)
        }
        Subject::Target(path) => ("programs that these run".to_owned(), paths::short(path, home), "program"),
        Subject::Managed(_) => {
            (format!("{file}  managed scope"), "(the whole file)".to_owned(), "managed file")
        }
        Subject::Finding { kind, about } => {
            ("findings of level medium and below".to_owned(), about.clone(), kind.as_str())
        }
        Subject::File(_) => return None,
    };
    Some(Row { group, name, sort, state: taken.state })
}

/// What a setting is, in a word.
pub(super) fn sort(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::Hook => "hook",
        SettingKind::Helper => "helper",
        SettingKind::StatusLine => "status line",
        SettingKind::Variable => "variable",
        SettingKind::Permission => "permission",
        SettingKind::Approval => "approval",
        SettingKind::Trust => "trust",
        SettingKind::Defense => "protection",
    }
}

/// Prints them, each group under its heading.
pub(super) fn print_rows(rows: &[Row], out: &mut Output<'_>) -> io::Result<()> {
    for group in rows.chunk_by(|a, b| a.group == b.group) {
        if let Some(first) = group.first() {
            out.line(Styled::new(first.group.as_str(), STRONG), 2)?;
        }
        let mut table = Table::new(&[]).indented(2);
        for row in group {
            let (word, style) = match row.state {
                State::New => ("new", GOOD),
                State::Changed => ("changed", WARN),
                State::Gone => ("gone", WARN),
                State::Same => ("as before", DIM),
            };
            table.row([
                Styled::plain(row.name.as_str()),
                Styled::new(row.sort, DIM),
                Styled::new(word, style),
            ]);
        }
        table.print(out)?;
        out.gap()?;
    }
    Ok(())
}
