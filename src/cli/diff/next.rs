//! What to type next about a judgement. Knows nothing of how it looks.

use crate::cli::acceptance::is_acceptable;
use crate::cli::naming::{self, Namesakes};
use crate::cli::paths;
use crate::model::drift::{Judgement, Source};
use crate::model::hidden::is_hidden;
use crate::model::kind::DriftKind;
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

/// What to do about `judgement`, which stands among its `namesakes`. `options` are those that a further command
/// needs to speak of the same home; `switched_off` says why nothing can be approved here, where that is so.
pub(crate) fn advice(
    judgement: &Judgement,
    namesakes: &Namesakes<'_>,
    home: &Path,
    options: &str,
    switched_off: Option<&str>,
) -> Vec<Advice> {
    let mut advice = Vec::new();
    if let Some(why) = switched_off {
        advice.push(Advice { purpose: "to accept it", step: Step::Words(why.to_owned()) });
    } else if judgement.drifts.iter().any(|drift| is_acceptable(judgement, drift)) {
        let address = naming::address(judgement, namesakes, home);
        let command = Step::Command(format!("mcpwatch{options} approve {address}"));
        advice.push(Advice { purpose: "to accept it", step: command });
    } else if let Some(template) = &judgement.ruled_by {
        let words = format!("the template {template} rules this; ask whoever keeps it");
        advice.push(Advice { purpose: "to accept it", step: Step::Words(words) });
    }
    advice.push(undo(judgement, home));
    advice
}

fn undo(judgement: &Judgement, home: &Path) -> Advice {
    let file = paths::short(&judgement.surface.file, home);
    let place = match judgement.line {
        Some(line) => format!("{file}, line {line}"),
        None => file.clone(),
    };
    let is_entry = matches!(judgement.subject, Subject::Server { .. } | Subject::Setting { .. });
    let is_new = judgement.expected.is_none()
        || judgement.drifts.iter().any(|drift| drift.kind == DriftKind::ServerShadowed);
    let step = match &judgement.subject {
        _ if is_entry && is_all_lint(judgement) => Step::Words(format!("edit {place}")),
        Subject::Server { name, project, scope } if is_new => {
            remove(name, *scope, project.as_deref(), &place, home)
        }
        _ if is_entry && is_new => Step::Words(format!("take it out of {place}")),
        _ if is_entry && judgement.observed.is_none() => {
            Step::Words(format!("put the lines with - back into {file}"))
        }
        _ if is_entry => Step::Words(format!("edit {place}: put the lines with - in place of those with +")),
        Subject::Target(target) => {
            Step::Words(format!("put the old content of {} back", paths::short(target, home)))
        }
        _ => {
            let kind = judgement.drifts.first().map_or("config-replaced", |drift| drift.kind.as_str());
            return Advice {
                purpose: "to mend it",
                step: Step::Command(format!("mcpwatch rules explain {kind}")),
            };
        }
    };
    Advice { purpose: "to undo it", step }
}

/// Whether nothing but the lint speaks, so that there is no other content to go back to.
pub(crate) fn is_all_lint(judgement: &Judgement) -> bool {
    judgement.drifts.iter().all(|drift| drift.source == Source::Lint)
}

fn remove(name: &str, scope: Scope, project: Option<&Path>, place: &str, home: &Path) -> Step {
    if name.chars().any(is_hidden) {
        return Step::Words(format!("take it out of {place}; its name cannot be typed"));
    }
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
        advice(judgement, &Namesakes::default(), Path::new(HOME), "", None)
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
