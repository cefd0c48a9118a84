//! An event for people: what, where, when, what became of it, what to do next. Knows nothing of how it was found.

use super::aftermath::Aftermath;
use super::author;
use super::facts::rest;
use super::fate::Fate;
use super::next::{Step, What};
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::style::{ADDED, COMMAND, DIM, GOOD, REMOVED, STRONG, Styled, WARN, of_level};
use crate::cli::when::{ago, to_the_second};
use crate::credentials::witness::Witness;
use crate::journal::StoredEvent;
use crate::model::event::Event;
use jiff::Timestamp;
use std::io;
use std::path::Path;

/// Where the answers start.
const INDENT: usize = 11;
/// Where the steps start.
const STEP_INDENT: usize = 19;
/// Digits of a hash that tell it from every other.
const SHORT: usize = 16;

/// More calls are listed in json only.
const MOST_CALLS: usize = 20;

/// The most fields that are listed though nobody thought of them.
const MOST_FIELDS: usize = 200;

/// Everything that is said of one event.
pub(super) struct Page<'p> {
    pub(super) stored: &'p StoredEvent,
    pub(super) event: &'p Event,
    pub(super) fate: Fate,
    pub(super) aftermath: Option<Aftermath>,
    pub(super) steps: Vec<Step>,
    pub(super) now: Timestamp,
}

/// Prints it.
pub(super) fn print(page: &Page<'_>, out: &mut Output<'_>) -> io::Result<()> {
    let Page { stored, event, .. } = page;
    let level = event.level();
    let title = Styled::new(event.action(), STRONG)
        .and("  ")
        .then(format!(" {} ", level.as_str().to_uppercase()), of_level(level));
    out.line(title, 2)?;
    out.line(event.text("message").unwrap_or_default(), 0)?;
    out.gap()?;
    print_where(event, out)?;
    print_content(event, out)?;
    print_when(page, out)?;
    print_rest(event, out)?;
    let chain = format!("event {} of the journal, {}", stored.sequence, event.id());
    row("record", Styled::plain(chain), out)?;
    if let Some(hash) = stored.hash.get(..SHORT) {
        let previous = event.text("mcpwatch.chain.previous").and_then(|previous| previous.get(..SHORT));
        let follows = previous.map_or_else(String::new, |previous| format!("  follows {previous}"));
        row("chain", Styled::plain(hash).then(follows, DIM), out)?;
    }
    print_steps(&page.steps, out)?;
    page.aftermath.iter().try_for_each(|aftermath| {
        out.gap()?;
        print_aftermath(aftermath, out)
    })
}

/// Prints what follows.
pub(super) fn print_aftermath(aftermath: &Aftermath, out: &mut Output<'_>) -> io::Result<()> {
    out.line(Styled::new("What to do next", STRONG), 2)?;
    let time = match aftermath.seconds {
        0 => "less than a second".to_owned(),
        seconds => format!("{seconds} s"),
    };
    let stood = match &aftermath.until {
        Some(until) => format!("stood for {time}, until {}", to_the_second(until)),
        None => format!("has stood for {time}, since {}", to_the_second(&aftermath.since)),
    };
    out.line(Styled::new(format!("  {stood}"), DIM), 4)?;
    for (number, step) in (1..).zip(&aftermath.steps) {
        out.line(Styled::new(format!("  {number}. "), STRONG).and(step), 5)?;
    }
    for session in &aftermath.sessions {
        let place = session.directory.as_deref().map(|dir| format!(" in {dir}")).unwrap_or_default();
        let started = to_the_second(&session.started);
        let id = session.session.as_deref().map(|id| format!(", session {id}")).unwrap_or_default();
        out.line(
            Styled::new("  holds it ", STRONG)
                .and(format!("process {}, since {started}{id}{place}", session.pid)),
            4,
        )?;
    }
    let calls = aftermath.calls.len() + aftermath.calls_unlisted;
    if calls > 0 {
        let line = Styled::new(format!("  called meanwhile: {calls}"), STRONG);
        out.line(line.then(", by the client's own transcripts", DIM), 4)?;
    }
    for call in aftermath.calls.iter().take(MOST_CALLS) {
        let older =
            if call.session_is_older { ", which began before: by what it had loaded then" } else { "" };
        let line =
            Styled::plain(format!("    {}  ", to_the_second(&call.time))).then(call.tool.as_str(), STRONG);
        out.line(line.then(format!("  session {}{older}", call.session), DIM), 6)?;
    }
    if calls > MOST_CALLS {
        out.line(Styled::new(format!("    and {} more: --next --format json", calls - MOST_CALLS), DIM), 6)?;
    }
    if aftermath.transcripts_unread > 0 {
        let line = format!("  {} parts of transcripts could not be read", aftermath.transcripts_unread);
        out.line(Styled::new(line, WARN), 4)?;
    }
    Ok(())
}

fn row(name: &str, answer: Styled, out: &mut Output<'_>) -> io::Result<()> {
    let mut line = Styled::new(format!("{name:<INDENT$}"), STRONG);
    line.0.extend(answer.0);
    out.evidence(&line, INDENT)
}

fn print_where(event: &Event, out: &mut Output<'_>) -> io::Result<()> {
    let home = Path::new(event.home().unwrap_or("/nonexistent"));
    let short = |path: &str| paths::short(Path::new(path), home);
    let scope = event.text("mcpwatch.scope").map(|scope| format!("  {scope} scope")).unwrap_or_default();
    if let Some(file) = event.text("file.path") {
        row("file", Styled::plain(short(file)).then(&scope, DIM), out)?;
    }
    if let Some(server) = event.text("mcpwatch.server") {
        let of = event.text("mcpwatch.client").map(|client| format!("  of {client}")).unwrap_or_default();
        row("server", Styled::new(server, STRONG).then(of, DIM), out)?;
    }
    if let Some(project) = event.text("mcpwatch.project") {
        row("project", Styled::plain(short(project)), out)?;
    }
    if let Some(home) = event.home() {
        let user = event.text("user.name").map(|user| format!("  of {user}")).unwrap_or_default();
        row("home", Styled::plain(home).then(user, DIM), out)?;
    }
    match event.text("host.name").filter(|host| !host.is_empty()) {
        Some(host) => row("host", Styled::plain(host), out),
        None => Ok(()),
    }
}

fn print_content(event: &Event, out: &mut Output<'_>) -> io::Result<()> {
    if let Some(field) = event.text("mcpwatch.drift.field") {
        row("field", Styled::plain(field), out)?;
    }
    let sides = [("mcpwatch.drift.expected", "- ", REMOVED), ("mcpwatch.drift.observed", "+ ", ADDED)];
    for (at, (field, sign, style)) in sides.into_iter().enumerate() {
        let name = ["expected", "observed"].get(at).copied().unwrap_or_default();
        if let Some(text) = event.text(field) {
            row(name, Styled::new(format!("{sign}{text}"), style), out)?;
        }
    }
    if let Some(witness) = event.text("mcpwatch.drift.login").and_then(Witness::from_word) {
        row("login", Styled::plain(witness.sentence()), out)?;
    }
    let baseline = event.text("mcpwatch.drift.baseline");
    match (event.text("mcpwatch.drift.source"), baseline) {
        (Some("template"), Some(name)) => row("baseline", Styled::plain(format!("the template {name}")), out),
        (Some("approval"), Some(number)) => row("baseline", Styled::plain(format!("approval {number}")), out),
        (Some("approval"), None) => row("baseline", Styled::plain("nothing of the kind was approved"), out),
        (Some("lint"), _) => row("baseline", Styled::plain("none: it looks wrong by itself"), out),
        _ => Ok(()),
    }
}

fn print_when(page: &Page<'_>, out: &mut Output<'_>) -> io::Result<()> {
    let since = |then: Timestamp| format!("  {}", ago(then, page.now));
    let seen = page.event.time();
    let answer = Styled::plain(to_the_second(seen));
    row("seen", answer.then(seen.parse().map(since).unwrap_or_default(), DIM), out)?;
    if let Some(created) = page.event.text("event.created").filter(|created| *created != seen) {
        row("recorded", Styled::plain(to_the_second(created)), out)?;
    }
    let fate = match &page.fate {
        Fate::None => return Ok(()),
        Fate::Ended { time, sequence } => {
            Styled::new("ended", GOOD).and(format!(" {}, event {sequence}", to_the_second(time)))
        }
        Fate::Stands { since: then, alive } => {
            let looked = alive.map(|alive| format!("  an agent last looked {}", ago(alive, page.now)));
            Styled::new("stands", WARN)
                .and(format!(" since {}", to_the_second(&then.to_string())))
                .then(looked.unwrap_or_default(), DIM)
        }
        Fate::Unknown => Styled::plain("no later event tells that it ended"),
    };
    row("since then", fate, out)
}

fn print_rest(event: &Event, out: &mut Output<'_>) -> io::Result<()> {
    author::print(event, &mut |name, answer| row(name, answer, out))?;
    let rest = rest(event.document());
    if rest.is_empty() {
        return Ok(());
    }
    let left_out = rest.len().saturating_sub(MOST_FIELDS);
    for (at, (name, value)) in rest.into_iter().take(MOST_FIELDS).enumerate() {
        let heading = if at == 0 { "more" } else { "" };
        row(heading, Styled::new(format!("{name}  "), DIM).and(value), out)?;
    }
    if left_out == 0 {
        Ok(())
    } else {
        out.leave_out(&format!("{:INDENT$}…{left_out} fields left out…", ""))
    }
}

fn print_steps(steps: &[Step], out: &mut Output<'_>) -> io::Result<()> {
    if !steps.is_empty() {
        out.gap()?;
    }
    for step in steps {
        let purpose = Styled::new(format!("  {:<15}  ", step.purpose), DIM);
        let line = match &step.what {
            What::Command(command) => purpose.then(command, COMMAND),
            What::Words(words) => purpose.and(words),
        };
        out.line(line, STEP_INDENT)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::level::Level;
    use serde_json::json;
    use unicode_width::UnicodeWidthStr as _;

    fn printed(fate: Fate) -> String {
        let document = json!({
            "@timestamp": "2026-01-02T03:04:05.000000Z", "message": format!("The host {} changed.", "x".repeat(90)),
            "event": {"id": "0199c0de-1111-7222-8333-444455556666", "kind": "alert", "action": "endpoint-host-changed",
                "created": "2026-01-02T03:04:07.000000Z"},
            "file": {"path": "/home/a/.claude.json"},
            "process": {"pid": 9, "command_line": format!("node {}", "y".repeat(100)), "parent": {"pid": 8, "name": "npm"}},
            "mcpwatch": {"level": "high", "scope": "user", "server": "lin\u{202e}\u{1b}[2Jear", "home": "/home/a",
                "drift": {"expected": "a.test", "observed": "evil\u{2066}.test", "source": "approval", "baseline": "3"},
                "chain": {"previous": "0".repeat(64), "hash": "f".repeat(64)}},
        });
        let event = Event::from_document(document.clone()).unwrap();
        let stored = StoredEvent {
            sequence: 12,
            id: event.id().into(),
            time: event.time().into(),
            action: event.action().into(),
            level: Level::High,
            kind: "alert".into(),
            home: None,
            document: document.to_string(),
            hash: "f".repeat(64),
        };
        let steps = super::super::next::steps(&event, &fate, "", None);
        let now = "2026-01-02T05:04:05Z".parse().unwrap();
        let mut bytes = Vec::new();
        let mut out = Output::to(&mut bytes, 80, false);
        print(&Page { stored: &stored, event: &event, fate, aftermath: None, steps, now }, &mut out).unwrap();
        drop(out);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_page_says_what_where_when_and_what_next() {
        let text = printed(Fate::Ended { time: "2026-01-02T04:00:00Z".into(), sequence: 14 });
        for part in [
            "endpoint-host-changed   HIGH \n",
            "file       ~/.claude.json  user scope\n",
            "expected   - a.test\n",
            "observed   + evil\\u{2066}.test\n",
            "baseline   approval 3\n",
            "seen       2026-01-02T03:04:05Z  2 h ago\n",
            "recorded   2026-01-02T03:04:07Z\n",
            "since then ended 2026-01-02T04:00:00Z, event 14\n",
            "process    9  node yyy",
            "           ← 8  npm\n",
            "chain      ffffffffffffffff  follows 0000000000000000\n",
            "  to understand    mcpwatch rules explain endpoint-host-changed\n",
        ] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
    }

    #[test]
    fn nothing_hides_and_no_line_is_too_wide() {
        let text = printed(Fate::Unknown);
        assert!(text.contains("lin\\u{202e}\\u{1b}[2Jear"), "{text}");
        for line in text.lines() {
            assert!(line.width() <= 80, "{line}");
            assert!(!line.chars().any(crate::model::hidden::is_hidden), "{line:?}");
        }
    }
}
