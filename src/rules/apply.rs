//! Which rules match an event, and what that makes of it. Must not know how rules are written.

use super::Rules;
use super::document::Document;
use super::level::by_provenance;
use super::rule::{Exception, Rule};
use crate::model::event::Event;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use rsigma_eval::{CompiledRule, evaluate_rule};
use serde_json::Value;

/// What the rules say of one event.
#[derive(Debug, Default)]
pub struct Finding<'r> {
    /// Those that match and are not excepted, the strongest first.
    pub rules: Vec<&'r Rule>,
    /// The exceptions that kept others from counting.
    pub exceptions: Vec<&'r Exception>,
}

impl Rules {
    /// Says which rules match a document.
    pub fn finding(&self, document: &serde_json::Map<String, Value>) -> Finding<'_> {
        let document = Document(document);
        // One by one: the evaluator's index of many rules leaves out those that only say what must not be.
        let holds = |condition: &CompiledRule| evaluate_rule(condition, &document).is_some();
        let matched = self.rules.iter().zip(&self.conditions).filter(|(_, condition)| holds(condition));
        let matched: Vec<&Rule> = matched.map(|(rule, _)| rule).collect();
        if matched.is_empty() {
            return Finding::default();
        }
        // An exception whose condition holds lets the rules count.
        let strikes = self.exceptions.iter().zip(&self.exception_conditions);
        let strikes: Vec<&Exception> =
            strikes.filter(|(_, condition)| !holds(condition)).map(|(exception, _)| exception).collect();
        let mut finding = Finding::default();
        for rule in matched {
            let mut struck = strikes.iter().filter(|exception| exception.concerns(rule)).peekable();
            if struck.peek().is_none() {
                finding.rules.push(rule);
            }
            for exception in struck {
                if !finding.exceptions.iter().any(|known| known.id == exception.id) {
                    finding.exceptions.push(exception);
                }
            }
        }
        finding.rules.sort_by(|one, other| {
            (other.level, other.detail, &one.slug).cmp(&(one.level, one.detail, &other.slug))
        });
        finding
    }

    /// Lets the rules say what an event is: its level, which of them match, and the techniques they name.
    ///
    /// A rule raises an event to its level and lowers none. What an exception strikes counts as if only the rules
    /// that are left had found it; where none is left the event is for the record.
    pub fn apply(&self, event: &mut Event) {
        let own = event.level();
        let is_drift = event.action().parse::<DriftKind>().is_ok();
        if is_drift {
            event.set("mcpwatch.drift.level", own.as_str());
        }
        let finding = self.finding(event.document());
        let raised = finding.rules.iter().map(|rule| rule.level).max();
        let level = match (raised, finding.exceptions.is_empty()) {
            (Some(raised), true) => by_provenance(own.max(raised), event),
            (Some(raised), false) => by_provenance(raised, event),
            (None, true) => by_provenance(own, event),
            (None, false) => Level::Informational,
        };
        if level != own {
            event.set_level(level);
        }
        say(event, &finding);
    }
}

fn say(event: &mut Event, finding: &Finding<'_>) {
    if !finding.exceptions.is_empty() {
        let ids: Vec<&str> = finding.exceptions.iter().map(|exception| exception.id.as_str()).collect();
        event.set("mcpwatch.exceptions", ids);
    }
    let Some(first) = finding.rules.first() else { return };
    event.set("rule.id", first.id.as_str());
    event.set("rule.name", first.title.as_str());
    event.set("rule.ruleset", first.slug.as_str());
    event.set_some("rule.description", Some(first.description.as_str()).filter(|text| !text.is_empty()));
    event.set_some("rule.reference", first.references.first().cloned());
    let ids: Vec<&str> = finding.rules.iter().map(|rule| rule.id.as_str()).collect();
    event.set("mcpwatch.rules", ids);
    let techniques = distinct(finding.rules.iter().flat_map(|rule| rule.techniques()));
    if !techniques.is_empty() {
        event.set("threat.framework", "MITRE ATT&CK");
        event.set("threat.technique.id", techniques);
    }
    for tag in distinct(finding.rules.iter().flat_map(|rule| rule.tags.iter().cloned())) {
        event.add_tag(&tag);
    }
}

/// Each once, in their order.
fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
    items.fold(Vec::new(), |mut known, item| {
        if !known.contains(&item) {
            known.push(item);
        }
        known
    })
}
