//! More happens than the system tells of: the agent sleeps while its notifications run over.

use super::kit::{HOME, captured, hook, led_to};
use crate::support::Scratch;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How many notifications wait at most, by the system's word.
fn queue() -> usize {
    let limit = |which: &str| -> usize {
        let limit = fs::read_to_string(format!("/proc/sys/fs/{which}/max_queued_events")).unwrap_or_default();
        limit.trim().parse().unwrap_or(16_384)
    };
    limit("inotify").max(limit("fanotify"))
}

/// A home that was captured, and another one beside it.
fn with_a_second() -> (Scratch, PathBuf) {
    let scratch = captured();
    let second = scratch.path("second");
    fs::create_dir(&second).unwrap();
    fs::write(second.join(".claude.json"), HOME).unwrap();
    let mut command = scratch.command();
    command.arg("--home").arg(&second).args(["baseline", "capture"]);
    assert!(command.output().unwrap().status.success());
    (scratch, second)
}

#[test]
fn what_was_never_heard_of_is_found_all_the_same() {
    if queue() > 100_000 {
        return eprintln!("not run: {} notifications fit here, and to make more takes long", queue());
    }
    let scratch = captured();
    scratch.write(".claude/settings.json", "{}");
    let mut watch = scratch.watch(&[]);
    watch.signal("STOP");
    // The same thing done to the same name again may be told once, so that a file is given one name after the other.
    let name = |number: usize| scratch.home().join(format!("noise-{number}"));
    fs::write(name(0), "").unwrap();
    for number in 0..=queue() {
        fs::rename(name(number), name(number + 1)).unwrap();
    }
    scratch.write(".claude.json", &led_to("evil.test"));
    scratch.write(".claude/settings.json", &hook("true"));
    watch.signal("CONT");
    assert_eq!(scratch.settled().len(), 2);
    // And from then on it hears again.
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn whoever_floods_one_home_hides_no_writer_in_another() {
    if queue() > 100_000 {
        return eprintln!("not run: {} notifications fit here, and to make more takes long", queue());
    }
    let (scratch, second) = with_a_second();
    let mut command = scratch.command();
    command.arg("--home").arg(&second).args(["watch", "--format", "json"]);
    let mut watch = scratch.start(command);
    if !scratch.status()["agent"]["sensors"].to_string().contains("fanotify") {
        return eprintln!("not run: the kernel tells nobody here who writes");
    }
    watch.signal("STOP");
    let name = |number: usize| scratch.home().join(format!("noise-{number}"));
    fs::write(name(0), "").unwrap();
    for number in 0..=queue() {
        fs::rename(name(number), name(number + 1)).unwrap();
    }
    // It stays alive, so that nothing else than its number has to be known of it.
    let line = r#"read -r line; printf %s "$line" > "$0"; echo written; read -r end"#;
    let mut writer = Command::new("sh");
    writer.args(["-c", line]).arg(second.join(".claude.json")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut writer = writer.spawn().unwrap();
    let mut words = writer.stdin.take().unwrap();
    writeln!(words, "{}", led_to("evil.test")).unwrap();
    BufReader::new(writer.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    watch.signal("CONT");
    let event = watch.event_where("the change in the other home", |event| {
        event["event"]["action"] == "endpoint-host-changed"
            && event["mcpwatch"]["home"] == second.to_str().unwrap()
    });
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert_eq!(event["process"]["pid"], writer.id(), "{event}");
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn an_agent_that_was_stopped_for_a_while_goes_on_where_it_was() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    watch.signal("STOP");
    for number in 0..100 {
        scratch.write(".claude.json", &led_to(&format!("{number}.test")));
    }
    assert_eq!(scratch.count("endpoint-host-changed"), 0);
    watch.signal("CONT");
    watch.line_with(&["endpoint-host-changed", "99.test"]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
