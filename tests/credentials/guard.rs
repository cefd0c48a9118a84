//! What the agent and `credentials status` tell of it, by name and shape.

use super::kit::{CANARY, file, save};
use super::support::{self, Scratch, text, wait_until};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

const HOME: &str = r#"{"oauthAccount":{"emailAddress":"a@b.example"},"mcpServers":{
    "oa":{"type":"http","url":"http://127.0.0.1:18994/mcp"},
    "headed":{"type":"http","url":"https://x.example/mcp","headers":{"B":"2","A":"1"}}}}"#;

/// The logins of `oa` as the client names it, and of another server.
const LOGINS: &str = r#""oa|cc738b68c7c43e7e":{"serverName":"oa","accessToken":"canary-77ab-oa"},
    "old|0123456789abcdef":{"accessToken":"canary-77ab-old","refreshToken":"canary-77ab"}"#;

const LOGIN: &str = r#"{"accessToken":"canary-77ab-a","refreshToken":"canary-77ab-r","expiresAt":1995247648197,"scopes":["user:inference"]}"#;

fn both() -> String {
    format!("{{\"claudeAiOauth\":{LOGIN},\"mcpOAuth\":{{{LOGINS}}}}}")
}

fn logged_in() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    save(&scratch, &both());
    scratch.expect(0, &["baseline", "capture"]);
    scratch
}

/// No token stands in the journal, in an event or in what commands print.
fn require_no_canary(scratch: &Scratch, seen: &[String]) {
    for command in [
        &["events", "--format", "json"][..],
        &["credentials", "status"],
        &["credentials", "status", "--format", "json"],
        &["diff", "--format", "json"],
        &["baseline", "show", "--format", "json"],
    ] {
        let output = scratch.run(command);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(!said.contains(CANARY), "{command:?}: {said}");
    }
    assert!(!seen.join("\n").contains(CANARY));
    for entry in fs::read_dir(scratch.state()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let is_there = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        assert!(!is_there, "{}", path.display());
    }
}

fn levels(scratch: &Scratch, action: &str) -> Vec<String> {
    let events = scratch.events().into_iter().filter(|event| event["event"]["action"] == action);
    events.map(|event| event["mcpwatch"]["level"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_lost_login_is_told_once_and_known_again_after_a_restart() {
    let scratch = logged_in();
    let mut watch = scratch.watch(&["--format", "json"]);
    // The known race: a save of a server's login drops the client's own.
    save(&scratch, &format!("{{\"mcpOAuth\":{{{LOGINS}}}}}"));
    let event = watch.event_where("of the loss", |event| event["event"]["action"] == "credentials-lost");
    assert_eq!(event["mcpwatch"]["level"], "high");
    assert_eq!(event["file"]["path"], file(&scratch).to_str().unwrap());
    assert!(event["message"].as_str().unwrap().contains("the logins of 2 servers stayed"), "{event}");
    let before = watch.seen.clone();
    assert_eq!(watch.stop("TERM").0, Some(0));
    // Wiped while nobody looked.
    save(&scratch, "{\"mcpOAuth\":{}}");
    let mut watch = scratch.watch(&[]);
    watch.line_with(&["credentials-damaged", "the logins of 2 servers are all gone"]);
    let seen = [before, watch.seen.clone()].concat();
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(levels(&scratch, "credentials-lost"), ["high"]);
    require_no_canary(&scratch, &seen);
}

#[test]
fn damage_is_told_and_half_a_save_is_not() {
    let scratch = logged_in();
    let mut watch = scratch.watch(&[]);
    let file = file(&scratch);
    // Half a save: written in place, in two steps.
    fs::write(&file, "").unwrap();
    fs::write(&file, both()).unwrap();
    fs::write(&file, &both()[..60]).unwrap();
    watch.line_with(&["credentials-damaged", "cut off"]);
    save(&scratch, &both());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    watch.line_with(&["credentials-damaged", "open to others"]);
    fs::remove_file(&file).unwrap();
    watch.line_with(&["credentials-damaged", "vanished"]);
    let seen = watch.seen.clone();
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(levels(&scratch, "credentials-damaged"), ["high", "medium", "high"]);
    assert_eq!(scratch.count("credentials-lost"), 0);
    require_no_canary(&scratch, &seen);
}

#[test]
fn logging_out_and_in_is_no_alarm() {
    for client in support::clients() {
        let scratch = logged_in();
        let mut watch = scratch.watch(&[]);
        let status = Command::new(&client)
            .args(["auth", "logout"])
            .env_clear()
            .env("HOME", scratch.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DISABLE_AUTOUPDATER", "1")
            .env("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.is_ok());
        if file(&scratch).exists() {
            eprintln!("skipped: {} knows no `auth logout` that works here", client.display());
            continue;
        }
        watch.line_with(&["credentials-lost", "logged out"]);
        save(&scratch, &format!("{{\"claudeAiOauth\":{LOGIN}}}"));
        save(&scratch, &both());
        // Something to wait for, after which the rest has been seen.
        scratch.write(".claude.json", &HOME.replace("x.example", "y.example"));
        watch.line_with(&["endpoint-host-changed", "headed"]);
        assert_eq!(watch.stop("TERM").0, Some(0));
        assert_eq!(levels(&scratch, "credentials-lost"), ["informational"]);
        assert_eq!((scratch.count("credentials-damaged"), scratch.count("change-unread")), (0, 0));
    }
}

#[test]
fn a_login_is_a_second_witness_that_an_endpoint_moved() {
    let scratch = logged_in();
    let mut watch = scratch.watch(&["--format", "json"]);
    scratch.write(".claude.json", &HOME.replace("127.0.0.1:18994", "evil.test"));
    let event = watch.event_where("of the host", |event| event["event"]["action"] == "endpoint-host-changed");
    assert_eq!(event["mcpwatch"]["drift"]["login"], "former-endpoint");
    let shown = scratch.expect(1, &["diff", "oa"]);
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat(&shown).contains("a second witness that it moved"), "{shown}");
    let id = event["event"]["id"].as_str().unwrap();
    assert!(flat(&scratch.expect(0, &["show", id])).contains("a second witness"));
    let status: Value =
        serde_json::from_str(&scratch.expect(0, &["credentials", "status", "--format", "json"])).unwrap();
    let logins = &status["files"][0]["logins"];
    assert_eq!((&logins[0]["server"], &logins[0]["is_current"]), (&"oa".into(), &false.into()));
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn status_names_logins_and_what_is_wrong() {
    let scratch = logged_in();
    let shown = scratch.expect(0, &["credentials", "status"]);
    assert!(shown.contains("logged in") && shown.contains("login of oa\n"), "{shown}");
    assert!(shown.contains("login of old  for an endpoint that no server has now"), "{shown}");
    fs::set_permissions(file(&scratch), fs::Permissions::from_mode(0o664)).unwrap();
    assert!(scratch.expect(1, &["credentials", "status"]).contains("chmod 600"));
    fs::write(file(&scratch), "").unwrap();
    assert!(scratch.expect(1, &["credentials", "status"]).contains("it is empty"));
    fs::remove_file(file(&scratch)).unwrap();
    assert!(scratch.expect(0, &["credentials", "status"]).contains("is not there"));
}

#[test]
fn traps_in_the_place_of_the_file_hold_nobody_up() {
    let scratch = logged_in();
    let file = file(&scratch);
    let mut watch = scratch.watch(&[]);
    fs::remove_file(&file).unwrap();
    let made = Command::new("mkfifo").arg(&file).status().unwrap();
    assert!(made.success());
    watch.line_with(&["credentials-damaged", "named pipe"]);
    fs::remove_file(&file).unwrap();
    save(&scratch, &format!("{{\"mcpOAuth\":{{{LOGINS}}},\"x\":\"{}\"}}", "y".repeat(5 << 20)));
    watch.line_with(&["credentials-damaged", "larger than"]);
    save(&scratch, &both());
    wait_until("it is read again", || scratch.run(&["credentials", "status"]).status.code() == Some(0));
    assert_eq!(watch.stop("TERM").0, Some(0));
}
