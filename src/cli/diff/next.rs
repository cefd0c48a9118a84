//! What to type next about a judgement. Knows nothing of how it looks.

use crate::cli::{naming, paths};
use crate::model::drift::Judgement;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use std::path::Path;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    /// What it is good for.
    pub(crate) purpose: &'static str,
    /// What to type or do.
    pub(crate) step: Step,
}

/// A step that a person takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A command to type.
    Command(String),
    /// Something else to do.
    Words(String),
}

/// What to do about `judgement`, which stands among `others`. `options` are those that a further command
/// needs to speak of the same home.
pub(crate) fn advice(judgement: &Judgement, others: &[Judgement], home: &Path, options: &str) -> Vec<Advice> {
    let accept = match &judgement.ruled_by {
        Some(template) => Step::Words(format!("the template {template} rules this; ask whoever keeps it")),
        None => {
            let address = naming::address(judgement, others, home);
            Step::Command(format!("mcpwatch{options} approve {address}"))
        }
    };
    vec![
        Advice { purpose: "to accept it", step: accept },
        Advice { purpose: "to undo it", step: undo(judgement, home) },
    ]
}

fn undo(judgement: &Judgement, home: &Path) -> Step {
    let file = paths::short(&judgement.surface.file, home);
    let place = match judgement.line {
        Some(line) => format!("{file}, line {line}"),
        None => file.clone(),
    };
    match &judgement.subject {
        Subject::Server { name, project, scope } if judgement.expected.is_none() => {
            remove(name, *scope, project.as_deref(), &place, home)
        }
        Subject::Server { .. } | Subject::Setting { .. } if judgement.observed.is_none() => {
            Step::Words(format!("put the lines with - back into {file}"))
        }
        Subject::Server { .. } | Subject::Setting { .. } if judgement.expected.is_none() => {
            Step::Words(format!("take it out of {place}"))
        }
        Subject::Server { .. } | Subject::Setting { .. } => {
            Step::Words(format!("edit {place}: put the lines with - in place of those with +"))
        }
        Subject::Target(file) => {
            Step::Words(format!("put the old content of {} back", paths::short(file, home)))
        }
        Subject::File(_) | Subject::Managed(_) | Subject::Finding { .. } => match judgement.drifts.first() {
            Some(drift) => Step::Command(format!("mcpwatch rules explain {}", drift.kind)),
            None => Step::Words(format!("look at {place}")),
        },
    }
}

fn remove(name: &str, scope: Scope, project: Option<&Path>, place: &str, home: &Path) -> Step {
    let there = match project {
        Some(project) => format!("cd {} && ", paths::quoted(&paths::short(project, home))),
        None => String::new(),
    };
    match scope {
        Scope::User => Step::Command(format!("claude mcp remove {} -s user", paths::quoted(name))),
        Scope::Local | Scope::Project => {
            Step::Command(format!("{there}claude mcp remove {} -s {scope}", paths::quoted(name)))
        }
        Scope::Plugin => Step::Words("disable its plugin in the client, with /plugin".to_owned()),
        Scope::Managed => Step::Words(format!("take it out of {place}, as administrator")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::{HOME, server};

    fn steps(judgement: &Judgement) -> Vec<Step> {
        advice(judgement, std::slice::from_ref(judgement), Path::new(HOME), "")
            .into_iter()
            .map(|advice| advice.step)
            .collect()
    }

    #[test]
    fn a_changed_entry_is_edited_and_a_new_one_removed() {
        let mut judgement = server("linear", Scope::User, None);
        assert_eq!(
            steps(&judgement),
            [
                Step::Command("mcpwatch approve linear".into()),
                Step::Words(
                    "edit ~/.claude.json, line 42: put the lines with - in place of those with +".into()
                ),
            ]
        );
        judgement.expected = None;
        assert_eq!(steps(&judgement)[1], Step::Command("claude mcp remove linear -s user".into()));
        let mut local = server("-x; rm", Scope::Local, Some("/home/a/b c"));
        local.expected = None;
        assert_eq!(
            steps(&local)[1],
            Step::Command("cd ~/'b c' && claude mcp remove '-x; rm' -s local".into())
        );
    }

    #[test]
    fn where_a_template_rules_nobody_is_told_to_approve() {
        let mut judgement = server("linear", Scope::User, None);
        judgement.ruled_by = Some("acme".into());
        assert!(matches!(&steps(&judgement)[0], Step::Words(words) if words.contains("acme")));
    }
}
