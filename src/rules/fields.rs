//! The fields that a rule can ask for: a rule that asks for another would never match, and nobody would notice. Must not
//! know what the fields mean.

use super::problem::nearest;
use crate::model::event::fields::{self, Origin, Section};

/// Every field that a rule can ask for.
pub fn all() -> impl Iterator<Item = String> {
    let asked = fields::sections().filter(|section| section.origin == Origin::Event);
    asked.flat_map(Section::named).map(|(name, _)| name)
}

/// Whether our documents may have that field when a rule asks for it.
pub fn is_known(field: &str) -> bool {
    fields::find(field).is_some_and(|(_, origin)| origin == Origin::Event)
}

/// Whether a finished document may have that field.
pub fn may_stand_in_a_document(field: &str) -> bool {
    fields::find(field).is_some()
}

/// What is wrong with asking for that field; `None` when nothing is.
pub(super) fn fault(field: &str) -> Option<String> {
    let known = fields::find(field).map(|(_, origin)| origin);
    if known == Some(Origin::Event) {
        return None;
    }
    if known == Some(Origin::Rules) {
        let instead = match field {
            "event.severity" | "mcpwatch.level" => {
                "; ask for \"mcpwatch.drift.level\", the level before them"
            }
            _ => "",
        };
        return Some(format!("\"{field}\" is set by rules, so that none can ask for it{instead}"));
    }
    let all: Vec<String> = all().collect();
    Some(match nearest(field, all.iter().map(String::as_str)) {
        Some(near) => format!("there is no field \"{field}\"; did you mean \"{near}\"?"),
        None => format!("there is no field \"{field}\"; docs/rules.md lists those that there are"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_met_with_the_nearest() {
        assert!(all().all(|field| is_known(&field)));
        assert!(fault("process.args").is_none());
        assert!(fault("proces.args").is_some_and(|why| why.contains("\"process.args\"")));
        assert!(
            fault("mcpwatch.provenance.install.confidense").is_some_and(|why| why.contains(".confidence\""))
        );
        assert!(fault("rule.id").is_some_and(|why| why.contains("set by rules")));
        assert!(fault("Image").is_some_and(|why| why.contains("docs/rules.md")));
    }
}
