//! A provenance in one line. Must not show more of an argument than its plain part.

use super::{Confidence, InstallLink, Provenance};
use crate::model::process::Process;
use crate::model::text::{Piece, Text};
use crate::model::touch::Deed;
use std::path::Path;

/// How many steps of a chain are shown.
const STEPS: usize = 6;

/// How many characters of one word are shown.
const WORD: usize = 60;

/// Shells: between a manager and what it runs they say nothing.
const SHELLS: [&str; 7] = ["sh", "bash", "dash", "zsh", "fish", "ksh", "busybox"];

impl Provenance {
    /// `written by node postinstall.js ← npm install left-pad@6.6.6 ← zsh`. Characters that a terminal would obey are
    /// still in it; secrets are not.
    pub fn line(&self) -> String {
        let deed = self.deed.map_or("changed", said);
        let Some(writer) = &self.writer else {
            return match &self.install {
                Some(link) if link.confidence > Confidence::Unknown => {
                    format!("{deed} by nobody that was seen; {} {}", link.confidence, installed(link))
                }
                _ => format!("{deed} by nobody that was seen"),
            };
        };
        let mut steps = vec![command(writer)];
        let manager = self.install.as_ref().and_then(|link| link.install.process);
        let mut told = manager.is_some_and(|manager| manager == writer.id);
        if told {
            steps = self.install.iter().map(installed).collect();
        }
        for ancestor in &self.ancestors {
            if Some(ancestor.id) == manager {
                steps.extend(self.install.iter().map(installed));
                told = true;
            } else if !is_wrapper(ancestor) {
                steps.push(command(ancestor));
            }
        }
        if let Some(link) = self.install.as_ref().filter(|_| !told) {
            steps.insert(1, format!("({} {})", link.confidence, installed(link)));
        }
        if let Some(broker) = self.broker {
            steps.push(format!("(handed to {broker})"));
        }
        let mut line = format!("{deed} by {}", shorten(steps).join(" ← "));
        if self.confidence < Confidence::Proven {
            line.push_str(&format!(" ({})", self.confidence));
        }
        line
    }
}

fn said(deed: Deed) -> &'static str {
    match deed {
        Deed::Created => "created",
        Deed::Written | Deed::ClosedWritable | Deed::WroteTemporary => "written",
        Deed::RenamedOnto => "replaced",
        Deed::RenamedAway => "moved away",
        Deed::Deleted => "deleted",
        Deed::Attributes => "changed",
        Deed::Opened => "opened",
    }
}

/// Keeps both ends of a long chain.
fn shorten(mut steps: Vec<String>) -> Vec<String> {
    if steps.len() > STEPS {
        let (head, tail) = (STEPS / 2, STEPS - STEPS / 2 - 1);
        let left_out = steps.len() - head - tail;
        let end = steps.split_off(steps.len() - tail);
        steps.truncate(head);
        steps.push(format!("… {left_out} more …"));
        steps.extend(end);
    }
    steps
}

/// A manager's run as a person calls it.
fn installed(link: &InstallLink) -> String {
    let command = match link.install.manager.as_str() {
        "cargo" => "cargo build",
        "dpkg" => "dpkg configure",
        other => return format!("{other} install{}", package(link)),
    };
    format!("{command}{}", package(link))
}

fn package(link: &InstallLink) -> String {
    let Some(hook) = &link.hook else { return String::new() };
    let Some(package) = &hook.package else { return String::new() };
    let spec = plain(&package.spec());
    if hook.is_consumer { format!(" (a macro used by {spec})") } else { format!(" {spec}") }
}

/// The program and what it was told to run.
fn command(process: &Process) -> String {
    let Some(image) = process.image() else { return format!("process {}", process.id.pid) };
    let name = image.executable.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
    let Some(name) = name else {
        return image.args.first().map_or_else(|| format!("process {}", process.id.pid), plain);
    };
    let argument = image.args.get(1).filter(|argument| !argument.has_secret()).map(Text::reveal);
    match argument {
        Some(argument) if !argument.is_empty() && !argument.contains(['\n', ' ']) => {
            let short = if argument.contains("://") {
                argument
            } else {
                let end = argument.rsplit('/').next().unwrap_or_default();
                end.to_owned()
            };
            cut(&format!("{name} {short}"))
        }
        _ => cut(&name),
    }
}

/// A shell that only passes a command on.
fn is_wrapper(process: &Process) -> bool {
    let is_shell = process.name().is_some_and(|name| SHELLS.contains(&name.as_str()));
    let argument = process.image().and_then(|image| image.args.get(1));
    is_shell && argument.is_some_and(|argument| argument.reveal() == "-c")
}

/// A text without a key to fingerprint what is secret in it.
fn plain(text: &Text) -> String {
    let shown: String = text
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Plain(value) => value.as_str(),
            Piece::Secret(_) => "‹secret›",
        })
        .collect();
    cut(&shown)
}

fn cut(word: &str) -> String {
    if word.chars().count() <= WORD {
        word.to_owned()
    } else {
        word.chars().take(WORD - 1).chain(['…']).collect()
    }
}
