//! What is wrong with a template, and where. Must never repeat a value of the file, which may be a secret:
//! it quotes names, escaped and cut.

use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// Longer names are cut.
const LONGEST: usize = 64;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth mending; the template holds.
    Warning,
    /// The template is refused.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}:{line}:{column}: {severity}: {}{sentence}{}", quoted_path(.file), place(.path), suffix(.remedy.as_deref()))]
pub struct TemplateProblem {
    /// How bad it is.
    pub severity: Severity,
    /// The template's file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The names (and positions in lists) that lead to it, as they stand in the file: not escaped.
    pub path: Vec<String>,
    /// What is wrong, without the place.
    pub sentence: String,
    /// What to write instead, where there is one thing to say.
    pub remedy: Option<String>,
}

impl TemplateProblem {
    /// The path for display: `mcpwatch.scopes[1]`, escaped; empty for the document itself.
    pub fn shown_path(&self) -> String {
        shown_path(&self.path)
    }
}

/// A name out of the file as it may be shown: escaped, cut, in quotes.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", escape(name))
}

fn escape(name: &str) -> String {
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn shown_path(path: &[String]) -> String {
    let mut shown = String::new();
    for step in path {
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            shown += &format!("[{}]", escape(step));
        } else {
            if !shown.is_empty() {
                shown.push('.');
            }
            shown += &escape(step);
        }
    }
    shown
}

fn quoted_path(file: &std::path::Path) -> String {
    file.to_string_lossy()
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] })
        .collect()
}

fn place(path: &[String]) -> String {
    if path.is_empty() { String::new() } else { format!("{}: ", shown_path(path)) }
}

fn suffix(remedy: Option<&str>) -> String {
    remedy.map(|remedy| format!(" ({remedy})")).unwrap_or_default()
}
