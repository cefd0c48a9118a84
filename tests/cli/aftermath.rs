//! What `show` says to do next: for how long it stood, who still holds it, what was called, in which order to act.

use super::{HOME, captured, flat};
use crate::support::{Scratch, wait_until};
use serde_json::Value;
use std::fs;
use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};

/// A process that looks like the client, and does nothing.
struct Client(Child);

impl Client {
    fn start(scratch: &Scratch) -> Self {
        let program = scratch.path("claude");
        // One that runs cannot be written.
        if !program.exists() {
            fs::copy("/bin/sleep", &program).unwrap();
        }
        let mut command = Command::new(&program);
        command.arg("600").current_dir(scratch.home()).stdin(Stdio::null());
        // Another test may have forked while it was written, and keep it open until its child is another program.
        let mut child = None;
        wait_until("nobody holds the program open", || {
            child = match command.spawn() {
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => None,
                spawned => Some(spawned.unwrap()),
            };
            child.is_some()
        });
        Self(child.unwrap())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn next(scratch: &Scratch, id: &str) -> Value {
    serde_json::from_str(&scratch.expect(0, &["show", id, "--next", "--format", "json"])).unwrap()
}

/// The sessions that hold it; other clients may run here, too.
fn pids(found: &Value) -> Vec<u64> {
    found["sessions"].as_array().unwrap().iter().map(|row| row["pid"].as_u64().unwrap()).collect()
}

#[test]
fn after_a_redirect_it_says_who_holds_it_what_was_called_and_what_to_rotate() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let before = Client::start(&scratch);
    scratch.write(".claude.json", &HOME.replace("mcp.linear.app", "evil.test"));
    let event = watch.event_where("of the host", |event| event["event"]["action"] == "endpoint-host-changed");
    let id = event["event"]["id"].as_str().unwrap();
    // A process counts the start of another in hundredths of a second.
    wait_until("a session begins later", || {
        jiff::Timestamp::now()
            > event["@timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
                + jiff::SignedDuration::from_millis(50)
    });
    let holder = Client::start(&scratch);
    let line = |time: jiff::Timestamp, tool: &str| {
        format!(
            "{{\"type\":\"assistant\",\"message\":{{\"content\":[{{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"{tool}\",\
             \"input\":{{\"text\":\"hunter2\"}}}}]}},\"timestamp\":\"{time:.3}\",\"sessionId\":\"s\"}}\n"
        )
    };
    let now = jiff::Timestamp::now();
    let hour = jiff::SignedDuration::from_hours(1);
    let lines = [
        line(now - hour, "mcp__linear__list_issues"),
        line(now, "mcp__linear__create_issue"),
        line(now, "mcp__db__query"),
    ];
    scratch.write(".claude/projects/-home/04ee.jsonl", &lines.concat());

    let found = next(&scratch, id);
    let pids = pids(&found);
    assert!(pids.contains(&u64::from(holder.0.id())), "{found}");
    assert!(!pids.contains(&u64::from(before.0.id())), "it had loaded the entry before: {found}");
    let tools: Vec<&str> =
        found["calls"].as_array().unwrap().iter().map(|row| row["tool"].as_str().unwrap()).collect();
    assert_eq!(tools, ["create_issue"]);
    assert_eq!(found["calls"][0]["session_is_older"], true);
    let steps: Vec<&str> =
        found["steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    assert!(steps[0].contains("put the route right before anything else"), "{steps:?}");
    assert!(steps[0].ends_with(" revert linear"), "{steps:?}");
    assert!(steps[1].contains(&holder.0.id().to_string()), "{steps:?}");
    assert!(steps[2].contains("headers.Authorization") && steps[3].contains("limit its scopes"), "{steps:?}");
    assert!(!found.to_string().contains("hunter2"));

    scratch.write(".claude.json", HOME);
    watch.event_where("of the end", |event| event["event"]["action"] == "drift-ended");
    let after = next(&scratch, id);
    assert!(
        after["until"].is_string() && after["steps"][0].as_str().unwrap().contains("as it should be again")
    );
    assert!(self::pids(&after).contains(&u64::from(holder.0.id())), "it goes on with it");
    let shown = flat(&scratch.expect(0, &["show", id]));
    for part in ["What to do next", "stood for", "create_issue", "holds it process", "1. the route is"] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn where_nothing_is_to_be_done_nothing_is_said() {
    let scratch = captured();
    assert!(scratch.expect(0, &["show", "1", "--next"]).contains("Nothing follows"));
    assert_eq!(next(&scratch, "1"), Value::Null);
    assert!(!scratch.expect(0, &["show", "1"]).contains("What to do next"));
}
