//! What to type next about a judgement. Knows nothing of how it looks.

use crate::cli::acceptance::is_acceptable;
use crate::cli::naming::{self, Namesakes};
use crate::cli::paths;
use crate::model::drift::{Judgement, Source};
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
    let revert = || format!("mcpwatch{options} revert {}", naming::address(judgement, namesakes, home));
    advice.push(undo(judgement, home, revert));
    advice
}

fn undo(judgement: &Judgement, home: &Path, revert: impl Fn() -> String) -> Advice {
    let file = paths::short(&judgement.surface.file, home);
    let place = match judgement.line {
        Some(line) => format!("{file}, line {line}"),
        None => file.clone(),
    };
    let is_entry = matches!(judgement.subject, Subject::Server { .. } | Subject::Setting { .. });
    let is_its_users = !matches!(judgement.surface.scope, Scope::Plugin | Scope::Managed);
    let step = match &judgement.subject {
        _ if is_entry && is_all_lint(judgement) => Step::Words(format!("edit {place}")),
        _ if is_entry && is_its_users => Step::Command(revert()),
        _ if judgement.surface.scope == Scope::Plugin => {
            Step::Words("update its plugin in the client, or disable it, with /plugin".to_owned())
        }
        _ if is_entry => Step::Words(format!("put {place} right, as administrator")),
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
    fn an_entry_is_reverted_unless_there_is_nothing_to_go_back_to() {
        let mut judgement = server("linear", Scope::User, None);
        assert_eq!(
            steps(&judgement),
            [Step::Command("mcpwatch approve linear".into()), Step::Command("mcpwatch revert linear".into()),]
        );
        judgement.expected = None;
        assert_eq!(steps(&judgement)[1], Step::Command("mcpwatch revert linear".into()));
        judgement.drifts[0].source = Source::Lint;
        assert_eq!(steps(&judgement)[0], Step::Words("edit ~/.claude.json, line 42".into()));
        let mut plugins = server("linear", Scope::Plugin, None);
        plugins.surface.scope = Scope::Plugin;
        assert!(matches!(&steps(&plugins)[1], Step::Words(words) if words.contains("/plugin")));
    }

    #[test]
    fn where_a_template_rules_nobody_is_told_to_approve() {
        let mut judgement = server("linear", Scope::User, None);
        judgement.ruled_by = Some("acme".into());
        assert!(matches!(&steps(&judgement)[0], Step::Words(words) if words.contains("acme")));
    }
}
