//! Wazuh's rules ask for fields that there are, and each level of ours has a rule.

use mcpwatch::model::event::fields;
use mcpwatch::model::level::Level;

const RULES: &str = include_str!("../../packaging/siem/wazuh/local_rules.xml");

fn between<'t>(text: &'t str, before: &'t str, after: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(before).skip(1).map(move |rest| rest.split(after).next().unwrap())
}

#[test]
fn fields_are_known() {
    let asked = between(RULES, "<field name=\"", "\"").chain(between(RULES, "<same_field>", "<"));
    let shown = between(RULES, "$(", ")");
    let names: Vec<&str> = asked.chain(shown).collect();
    assert!(names.len() > 8);
    for name in names {
        assert!(fields::find(name).is_some(), "there is no field \"{name}\"");
    }
}

#[test]
fn levels_have_a_rule_and_ids_are_used_once() {
    for level in Level::ALL.into_iter().filter(|level| *level > Level::Informational) {
        assert!(RULES.contains(&format!(">^{level}$<")), "{level}");
    }
    let mut ids: Vec<&str> = between(RULES, "<rule id=\"", "\"").collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
