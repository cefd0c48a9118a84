//! Which of the client's processes hold what was put right: said in the event, by `revert` and by `show`.

use super::kit::{CLAUDE, approved, event};
use super::support::{Scratch, text, wait_until};
use serde_json::{Value, json};
use std::fs;
use std::process::{Child, Command};

/// A program of the client's name that waits, and says of itself what the client says.
struct Client(Child);

impl Client {
    fn start(scratch: &Scratch, session: &str) -> Self {
        let program = scratch.path("claude");
        if !program.exists() {
            fs::copy("/bin/sleep", &program).unwrap();
        }
        let child = Command::new(&program).arg("1000").current_dir(scratch.home()).spawn().unwrap();
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let (_, after_name) = stat.rsplit_once(')').unwrap();
        let start = after_name.split_whitespace().nth(19).unwrap();
        let said = json!({"pid": child.id(), "sessionId": session, "procStart": start, "status": "idle"});
        scratch.write(&format!(".claude/sessions/{}.json", child.id()), &said.to_string());
        Self(child)
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

fn tampered() -> String {
    CLAUDE.replace("mcp.linear.app", "evil.test")
}

fn flat(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The processes that an event names.
fn held_by(event: &Value) -> Vec<(u64, String)> {
    let sessions = event["mcpwatch"]["response"]["sessions"].as_array().cloned().unwrap_or_default();
    let named = |session: &Value| {
        (session["pid"].as_u64().unwrap(), session["id"].as_str().unwrap_or_default().to_owned())
    };
    sessions.iter().map(named).collect()
}

#[test]
fn sessions_that_began_while_it_stood_are_named_with_the_advice_to_restart_them() {
    if !fs::exists("/proc/self/stat").unwrap() {
        return eprintln!("not run: no /proc here");
    }
    let scratch = approved();
    let older = Client::start(&scratch, "0000-older");
    let watch = scratch.watch(&[]);
    scratch.write(".claude.json", &tampered());
    wait_until("it is told", || scratch.count("endpoint-host-changed") == 1);
    begins_later(&scratch);
    let client = Client::start(&scratch, "74aaeea6-1321");
    let told = event(&scratch, "endpoint-host-changed")["event"]["id"].as_str().unwrap().to_owned();
    let shown = flat(&scratch.expect(0, &["show", &told]));
    let holds = format!("holds it process {}, since ", client.pid());
    assert!(shown.contains(&holds) && shown.contains("session 74aaeea6-1321 in ~"), "{shown}");
    assert!(shown.contains(&format!("process {}", client.pid())) && !shown.contains("0000-older"), "{shown}");
    assert_eq!(watch.stop("TERM").0, Some(0));

    let mut watch = scratch.watch(&["--respond", "revert", "--format", "json"]);
    let reverted = watch.event_where("of the revert", |event| event["event"]["action"] == "config-reverted");
    // Real clients of other tests may run beside it.
    let held = held_by(&reverted);
    assert!(held.contains(&(u64::from(client.pid()), "74aaeea6-1321".to_owned())), "{reverted}");
    assert!(!held.iter().any(|(pid, _)| *pid == u64::from(older.pid())), "{reverted}");
    let message = reverted["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("client's process {}: end and start again", client.pid())),
        "{message}"
    );
    assert_eq!(watch.stop("TERM").0, Some(0));
    let shown = flat(&scratch.expect(0, &["show", &told, "--next"]));
    assert!(shown.contains(&holds), "it holds it after that, too: {shown}");

    // And typed by a person.
    let watch = scratch.watch(&[]);
    scratch.write(".claude.json", &tampered());
    wait_until("it is told", || scratch.count("endpoint-host-changed") == 2);
    begins_later(&scratch);
    let next = Client::start(&scratch, "second");
    let output = scratch.run(&["revert", "linear"]);
    let said = flat(&text(&output.stdout));
    assert!(said.contains(&next.pid().to_string()) && said.contains("end and start again"), "{said}");
    let held = held_by(&event(&scratch, "config-reverted"));
    assert!(held.contains(&(u64::from(next.pid()), "second".to_owned())), "{held:?}");
    assert_eq!(watch.stop("TERM").0, Some(0));
}

/// Waits until whatever is started next was started after the drift that was told last: the kernel counts hundredths of a
/// second.
fn begins_later(scratch: &Scratch) {
    let told = event(scratch, "endpoint-host-changed")["@timestamp"].as_str().unwrap().to_owned();
    let then = told.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_millis(50);
    wait_until("a session begins later", || jiff::Timestamp::now() > then);
}
