//! What must hold of loading and evaluating, whatever is shipped.

use super::{Origin, Problem, Rules, Source};
use crate::model::event::Event;
use crate::model::level::Level;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

const ID: &str = "0b1f3a52-6a04-4f0a-9f34-27f0f0b5a001";

fn source(name: &str, text: impl Into<Vec<u8>>, origin: Origin) -> Source {
    Source { file: PathBuf::from(name), bytes: text.into(), origin }
}

fn rule_of(id: &str, level: &str, detection: &str) -> String {
    format!("title: A\nid: {id}\nlogsource:\n  product: mcpwatch\ndetection:\n{detection}\nlevel: {level}\n")
}

fn rule(detection: &str) -> String {
    rule_of(ID, "high", detection)
}

fn load(text: impl Into<Vec<u8>>) -> Rules {
    Rules::load([source("a.yml", text, Origin::Own)])
}

/// Why the text is no rule.
fn refused(text: impl Into<Vec<u8>>) -> String {
    let rules = load(text);
    assert!(rules.rules().is_empty() && rules.exceptions().is_empty());
    rules.problems().iter().map(Problem::to_string).collect::<Vec<_>>().join(" / ")
}

fn event(more: Value) -> Event {
    let mut document = json!({
        "@timestamp": "2026-01-02T03:04:05.000000Z",
        "event": { "id": "1", "kind": "alert", "action": "server-added", "severity": 47 },
        "mcpwatch": { "level": "medium", "server": "x" },
    });
    merge(&mut document, more);
    Event::from_document(document).unwrap()
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        }
        (into, from) => *into = from,
    }
}

fn level(rules: &Rules, more: Value) -> Level {
    let mut event = event(more);
    rules.apply(&mut event);
    assert_eq!(event.get("event.severity").and_then(Value::as_u64), Some(event.level().severity().into()));
    event.level()
}

const ADDED: &str = "  s:\n    event.action: server-added\n  condition: s";

#[test]
fn a_rule_raises_and_lowers_none() {
    for (of_rule, wanted) in
        [("informational", Level::Medium), ("medium", Level::Medium), ("critical", Level::Critical)]
    {
        assert_eq!(level(&load(rule_of(ID, of_rule, ADDED)), json!({})), wanted);
    }
    assert_eq!(level(&Rules::default(), json!({})), Level::Medium);
}

#[test]
fn what_matches_is_said_in_the_event() {
    let text = rule(ADDED)
        + "description: Why.\nreferences:\n  - https://x.test/\ntags:\n  - attack.t1195.002\n  - attack.impact\n  - owasp-mcp.mcp04\n";
    let low = rule_of("0b1f3a52-6a04-4f0a-9f34-27f0f0b5a002", "low", ADDED);
    let rules = Rules::load([source("low.yml", low, Origin::Own), source("high.yml", text, Origin::Own)]);
    let mut event = event(json!({ "tags": ["before"] }));
    rules.apply(&mut event);
    assert_eq!(event.text("rule.id"), Some(ID));
    assert_eq!(event.text("rule.ruleset"), Some("high"));
    assert_eq!(event.text("rule.description"), Some("Why."));
    assert_eq!(event.texts("mcpwatch.rules"), [ID, "0b1f3a52-6a04-4f0a-9f34-27f0f0b5a002"]);
    assert_eq!(event.texts("threat.technique.id"), ["T1195.002"]);
    assert_eq!(event.texts("tags"), ["before", "attack.t1195.002", "attack.impact", "owasp-mcp.mcp04"]);
    assert_eq!(event.text("mcpwatch.drift.level"), Some("medium"));
}

#[test]
fn an_install_raises_by_a_step_and_only_a_persons_own_command_lowers() {
    let rules = Rules::default();
    let install = |sure: &str| json!({"mcpwatch": {"provenance": {"actor": "install", "install": {"confidence": sure}}}});
    assert_eq!(level(&rules, install("proven")), Level::High);
    assert_eq!(level(&rules, install("likely")), Level::High);
    assert_eq!(level(&rules, install("possible")), Level::Medium);
    let client = |confidence: &str, interactive: bool, args: &[&str], action: &str| {
        json!({
            "event": { "action": action },
            "process": { "interactive": interactive, "args": args },
            "mcpwatch": { "provenance": { "actor": "client", "confidence": confidence } },
        })
    };
    let add: &[&str] = &["/usr/bin/claude", "--debug", "mcp", "add", "x"];
    assert_eq!(level(&rules, client("proven", true, add, "server-added")), Level::Low);
    let engine: &[&str] = &["node", "/usr/lib/claude/cli.js", "mcp", "add"];
    assert_eq!(level(&rules, client("proven", true, engine, "server-added")), Level::Low);
    for (confidence, interactive, args, action) in [
        ("likely", true, add, "server-added"),
        ("proven", false, add, "server-added"),
        ("proven", true, &["claude"], "server-added"),
        ("proven", true, &["claude", "-p", "mcp"][..2], "server-added"),
        ("proven", true, add, "endpoint-host-changed"),
        ("proven", true, add, "endpoint-lookalike"),
        ("proven", true, add, "command-changed"),
        ("proven", true, add, "args-changed"),
        ("proven", true, add, "env-injected"),
        ("proven", true, add, "hook-changed"),
        ("proven", true, add, "helper-changed"),
        ("proven", true, add, "headers-helper-changed"),
        ("proven", true, add, "settings-redirect"),
    ] {
        assert_eq!(level(&rules, client(confidence, interactive, args, action)), Level::Medium, "{action}");
    }
}

fn filter(rules: &str, server: &str) -> String {
    format!(
        "title: Ours\nid: 0b1f3a52-6a04-4f0a-9f34-27f0f0b5a0ff\nlogsource:\n  product: mcpwatch\nfilter:\n  rules:{rules}\n  selection:\n    mcpwatch.server: {server}\n  condition: not 1 of sel*\n"
    )
}

#[test]
fn an_exception_strikes_what_it_names() {
    let with = |filter: String| {
        Rules::load([
            source("a.yml", rule(ADDED), Origin::Own),
            source("b.yml", rule_of("0b1f3a52-6a04-4f0a-9f34-27f0f0b5a002", "low", ADDED), Origin::Own),
            source("x.yml", filter, Origin::Exception),
        ])
    };
    let every = with(filter(" any", "x"));
    assert_eq!((every.problems(), every.exceptions().len()), (&[][..], 1));
    assert_eq!(level(&every, json!({})), Level::Informational);
    assert_eq!(level(&every, json!({"mcpwatch": {"server": "y"}})), Level::High);
    let one = with(filter("\n    - a", "x"));
    assert_eq!(level(&one, json!({})), Level::Low, "the other rule still counts");
    let mut event = event(json!({}));
    one.apply(&mut event);
    assert_eq!(event.texts("mcpwatch.exceptions"), ["0b1f3a52-6a04-4f0a-9f34-27f0f0b5a0ff"]);
    assert_eq!(event.text("rule.ruleset"), Some("b"));
    let by_id = with(filter(&format!("\n    - {ID}"), "x"));
    assert_eq!(level(&by_id, json!({})), Level::Low);
    let stray = with(filter("\n    - nonesuch", "x"));
    assert_eq!(level(&stray, json!({})), Level::High);
    assert_eq!(
        stray.problems()[0].to_string(),
        "x.yml, line 6, column 3: no rule has the id or the name \"nonesuch\""
    );
    let positive = filter(" any", "x").replace("not 1", "1");
    assert!(with(positive).problems()[0].sentence.contains("\"not selection\""));
}

#[test]
fn a_directory_for_exceptions_takes_no_rule() {
    let rules = Rules::load([source("a.yml", rule(ADDED), Origin::Exception)]);
    assert!(rules.rules().is_empty() && rules.problems()[0].sentence.contains("exceptions only"));
}

#[test]
fn fields_are_asked_for_through_objects_and_lists() {
    let matches = |detection: &str, more: Value| {
        let rules = load(rule(&format!("  selection:\n{detection}\n  condition: selection")));
        assert_eq!(rules.problems(), []);
        !rules.finding(event(more).document()).rules.is_empty()
    };
    let more = json!({
        "process": { "args": ["npm", "install"], "parent": { "pid": 7 } },
        "mcpwatch": { "provenance": { "candidates": [
            { "manager": "npm", "distance_seconds": 5 }, { "manager": "pip", "distance_seconds": 9000 } ] } },
    });
    for detection in [
        "    process.args|contains: inst",
        "    process.args:\n      - npm\n      - x",
        "    process.args|contains|all:\n      - np\n      - stall",
        "    process.parent.pid: 7",
        "    process.parent.pid|gte: 7",
        "    mcpwatch.provenance.candidates.manager: pip",
        "    mcpwatch.provenance.candidates.distance_seconds|gte: 3600",
        "    mcpwatch.server|startswith: X",
        "    mcpwatch.server|re: ^x$",
        "    process.exit_code|exists: false",
        "    process.exit_code: null",
    ] {
        assert!(matches(detection, more.clone()), "{detection}");
    }
    for detection in [
        "    process.args|contains: pip",
        "    process.parent.pid|gt: 7",
        "    mcpwatch.provenance.candidates.distance_seconds|gte: 9001",
        "    mcpwatch.server|cased: X",
        "    process.args|exists: false",
    ] {
        assert!(!matches(detection, more.clone()), "{detection}");
    }
    let net = json!({ "url": { "domain": "10.1.2.3" } });
    assert!(matches("    url.domain|cidr: 10.0.0.0/8", net.clone()));
    assert!(!matches("    url.domain|cidr: 192.168.0.0/16", net));
}

#[test]
fn what_is_wrong_has_its_place() {
    for (text, wanted) in [
        (
            rule("  s:\n    proces.args: x\n  condition: s"),
            "a.yml, line 7, column 5: there is no field \"proces.args\"; did you mean \"process.args\"?",
        ),
        (
            rule("  s:\n    process.args|contians: x\n  condition: s"),
            "line 7, column 18: there is no modifier \"contians\"",
        ),
        (rule("  s:\n    process.args: x\n  condition: t"), "line 8, column 3"),
        (rule("  s:\n    process.args: x\n  condition: s and (s"), "line 8, column 3"),
        (rule("  s:\n    process.args: x\n bad"), "line 8, column"),
        (rule(ADDED).replace("mcpwatch", "windows"), "line 4, column 3: this is for the product \"windows\""),
        (rule(ADDED).replace("id: 0b", "id: z"), "line 2, column 1: it needs an id of its own"),
        (rule(ADDED).replace("level: high", "level: urgent"), "a.yml"),
        (rule(ADDED).replace("level: high", ""), "a rule needs a level"),
        (rule(ADDED) + "falsepositive: x\n", "did you mean \"falsepositives\"?"),
        (rule(ADDED) + "---\n" + &rule(ADDED), "more than one rule"),
        (String::new(), "not a YAML mapping"),
        ("# nothing\n".to_owned(), "a.yml, line 1"),
        ("- a".to_owned(), "a.yml, line 1"),
        ("\u{0}".to_owned(), "a.yml"),
        (
            rule("  s:\n    process.args|re: '(a'\n  condition: s"),
            "line 7, column 5: the regular expression is refused",
        ),
    ] {
        let said = refused(text);
        assert!(said.contains(wanted), "{said}\nlacks {wanted}");
    }
    assert!(refused(vec![b't', b'\n', 0xff]).contains("line 2, column 1: this is not UTF-8"));
}

#[test]
fn an_id_is_taken_once() {
    let rules = Rules::load([
        source("a.yml", rule(ADDED), Origin::Own),
        source("b.yml", rule(ADDED).replace(ID, &ID.to_uppercase()), Origin::Own),
    ]);
    assert_eq!(rules.rules().len(), 1);
    assert!(rules.problems()[0].to_string().contains("b.yml, line 2, column 1: its id is that of a.yml"));
}

/// Refused, or taken, before anybody thinks that it hangs: what is not bounded would take hours.
fn is_bounded(text: impl Into<Vec<u8>>) -> Rules {
    #[allow(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
    let start = std::time::Instant::now();
    let rules = load(text);
    rules.finding(event(json!({"message": "a".repeat(1 << 16)})).document());
    assert!(start.elapsed() < Duration::from_secs(180), "{:?}", start.elapsed());
    rules
}

#[test]
fn bombs_do_not_go_off() {
    let expression = |text: &str| rule(&format!("  s:\n    message|re: '{text}'\n  condition: s"));
    for bomb in ["(\\w{200}){200}", "((((a{100}){100}){100}){100})", "\\p{L}{1000}"] {
        assert!(is_bounded(expression(bomb)).problems()[0].sentence.contains("too much room"), "{bomb}");
    }
    for slow in ["(a+)+$b", "(a|aa)*c", "(.*)*x"] {
        assert_eq!(is_bounded(expression(slow)).problems(), []);
    }
    let many: String = (0..40).map(|n| format!("      - 'a{n}'\n")).collect();
    let many = rule(&format!("  s:\n    message|re:\n{many}  condition: s"));
    assert!(is_bounded(many).problems()[0].sentence.contains("regular expressions"));
    let mut aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..40 {
        aliases.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")));
    }
    assert!(!is_bounded(aliases + &rule(ADDED)).problems().is_empty());
    assert!(is_bounded(vec![b'a'; 10 << 20]).problems()[0].sentence.contains("1024 KiB"));
    for deep in ["[", "{a: ", "- ", "? "] {
        assert!(!is_bounded(deep.repeat(100_000)).problems().is_empty());
    }
    let condition = |text: String| rule(&format!("  s:\n    message: x\n  condition: {text}"));
    assert!(!is_bounded(condition("(".repeat(30_000) + "s" + &")".repeat(30_000))).problems().is_empty());
    assert!(!is_bounded(condition("not ".repeat(100_000) + "s")).problems().is_empty());
    is_bounded(condition(vec!["s"; 10_000].join(" or ")));
    let values: String = (0..20_000).map(|n| format!("      - 'a*{n}*b'\n")).collect();
    let values = rule(&format!("  s:\n    message|contains:\n{values}  condition: s"));
    assert!(is_bounded(values).problems()[0].sentence.contains("values"));
}

#[test]
fn a_broken_rule_leaves_the_others_in_force() {
    let broken = source("broken.yml", "title: [", Origin::Own);
    let rules = Rules::load(Rules::shipped_sources().chain([broken]));
    assert_eq!(rules.rules().len(), Rules::shipped().rules().len());
    assert_eq!(rules.problems().len(), 1);
    assert_eq!(rules.problems()[0].file, PathBuf::from("broken.yml"));
}

#[test]
fn rules_are_found_by_name_and_id() {
    let rules = Rules::shipped();
    let by_name = rules.find("install-redirects-endpoint").unwrap();
    assert_eq!(rules.find(&by_name.id.to_uppercase()), Some(by_name));
    assert_eq!(rules.nearest("install-redirect-endpoint"), Some("install-redirects-endpoint"));
    assert_eq!(by_name.techniques().next().as_deref(), Some("T1195.002"));
}

#[test]
fn what_breaks_later_stays_as_it_was() {
    let at = |directory: &str, id: &str, text: String| Source {
        file: PathBuf::from(format!("/{directory}/{id}.yml")),
        bytes: text.replace(ID, &format!("0b1f3a52-6a04-4f0a-9f34-27f0f0b5a00{id}")).into(),
        origin: Origin::Own,
    };
    let good = |directory: &str, id: &str| at(directory, id, rule(ADDED));
    let broken = |directory: &str, id: &str| at(directory, id, "title: [".to_owned());
    let before = || Rules::load([good("a", "1"), good("a", "2"), good("b", "3")]);
    let names =
        |rules: &Rules| rules.rules().iter().map(|rule| rule.slug.clone()).collect::<Vec<_>>().join(" ");
    // 1 is broken, 2 is gone.
    let after = Rules::load([broken("a", "1"), good("b", "3")]).keeping(before());
    assert_eq!((names(&after).as_str(), after.problems().len()), ("1 3", 1));
    assert_eq!(level(&after, json!({})), Level::High);
    // It stays as it was for as long as it is broken, and is as it is said once it is not.
    let still = Rules::load([broken("a", "1")]).keeping(after);
    assert_eq!(names(&still), "1");
    let low = at("a", "1", rule_of(ID, "low", ADDED));
    assert_eq!(Rules::load([low]).keeping(still).rules()[0].level, Level::Low);
    // A directory that cannot be read takes none of its rules away.
    let unreadable = Problem { file: "/a".into(), line: 1, column: 1, sentence: "no".into() };
    let after = Rules::load([good("b", "3")]).with_problems([unreadable]).keeping(before());
    assert_eq!(names(&after), "1 2 3");
}

#[test]
fn an_answer_to_a_dialog_is_for_the_record() {
    let rules = Rules::default();
    let answer = |more: Value| {
        let mut document = json!({
            "event": { "action": "trust-granted", "severity": 21 },
            "process": { "entity_id": "7-1", "interactive": true, "args": ["claude"] },
            "mcpwatch": { "level": "low", "drift": { "field": "hasTrustDialogAccepted", "observed": "true" },
                "provenance": { "actor": "client", "confidence": "proven", "other_writers": [{ "entity_id": "7-1" }] } },
        });
        merge(&mut document, more);
        level(&rules, document)
    };
    assert_eq!(answer(json!({})), Level::Informational);
    for more in [
        json!({ "process": { "interactive": false } }),
        json!({ "mcpwatch": { "provenance": { "actor": "agent-tool" } } }),
        json!({ "mcpwatch": { "provenance": { "confidence": "likely" } } }),
        json!({ "mcpwatch": { "provenance": { "other_writers": [{ "entity_id": "8-1" }] } } }),
    ] {
        assert_eq!(answer(more.clone()), Level::Low, "{more}");
    }
    let raising = load(rule_of(ID, "high", "  s:\n    event.action: trust-granted\n  condition: s"));
    let mut event = event(json!({
        "event": { "action": "trust-granted" },
        "process": { "interactive": true },
        "mcpwatch": { "level": "low", "provenance": { "actor": "client", "confidence": "proven" } },
    }));
    raising.apply(&mut event);
    assert_eq!(event.level(), Level::High, "a rule that says more counts");
}
