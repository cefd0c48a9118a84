//! `credentials restore`: a lost login comes back beside today's others, and nothing else moves.

use super::kit::{CANARY, file, save};
use super::support::{Scratch, text};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const LOGIN: &str =
    r#"{"accessToken":"canary-77ab-a","refreshToken":"canary-77ab-r","scopes":["user:inference"],"n":1e3}"#;

/// What the client has today: laid out by nobody we know, with a number and an escape that must stay as they are.
const TODAY: &str = "{\n\t\"mcpOAuth\" : { \"oa|cc738b68c7c43e7e\":{\"accessToken\":\"canary-77ab-oa\", \
                     \"expiresAt\":1.0E3},\r\n \"b|0123456789abcdef\":{\"x\":\"\\u00e9\"} },\n\t\"own\":  null\n}\n";

fn lock(scratch: &Scratch) -> PathBuf {
    scratch.home().join(".claude/.storage-write.lock")
}

/// A home whose owner keeps logins.
fn keeping() -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.path("config.toml"), "[credentials]\nkeep = true\n").unwrap();
    scratch.write(".claude.json", "{}");
    save(&scratch, &format!("{{\"claudeAiOauth\":{LOGIN},\"mcpOAuth\":{{}}}}"));
    scratch
}

/// One whose login was kept, and then lost.
fn lost() -> Scratch {
    let scratch = keeping();
    assert_eq!(run(&scratch, &["credentials", "snapshot"]).status.code(), Some(0));
    save(&scratch, TODAY);
    scratch
}

fn run(scratch: &Scratch, arguments: &[&str]) -> Output {
    let config = scratch.path("config.toml");
    let output = scratch.run(&[&["--config", config.to_str().unwrap()], arguments].concat());
    assert!(!said(&output).contains(CANARY), "{arguments:?}: {}", said(&output));
    output
}

fn restore(scratch: &Scratch) -> Output {
    run(scratch, &["credentials", "restore", "--yes"])
}

/// Both streams as words, since lines are wrapped.
fn said(output: &Output) -> String {
    let both = text(&output.stdout) + &text(&output.stderr);
    both.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// It is refused, says why, and changes nothing.
fn require_refused(scratch: &Scratch, words: &[&str]) {
    let before = fs::read(file(scratch)).ok();
    let output = restore(scratch);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for word in words {
        assert!(said(&output).contains(word), "{word:?} is missing: {}", said(&output));
    }
    assert_eq!(fs::read(file(scratch)).ok(), before);
    assert_eq!(scratch.count("credentials-restored"), 0);
}

/// The login is there, and without it the file is what it was today, byte for byte.
fn require_restored(scratch: &Scratch) {
    let (old, new) = (TODAY.as_bytes(), fs::read(file(scratch)).unwrap());
    let same = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
    let before = same(&mut old.iter().zip(&new));
    let after = same(&mut old[before..].iter().rev().zip(new.iter().rev()));
    assert_eq!(before + after, old.len(), "{}", text(&new));
    let document: Value = serde_json::from_slice(&new).unwrap();
    assert_eq!(document["claudeAiOauth"], serde_json::from_str::<Value>(LOGIN).unwrap());
}

#[test]
fn a_lost_login_comes_back_beside_what_is_there_today() {
    let scratch = lost();
    let owner = fs::metadata(file(&scratch)).unwrap().uid();
    let output = restore(&scratch);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("old refresh token may end other sessions"), "{}", said(&output));
    require_restored(&scratch);
    let now = fs::metadata(file(&scratch)).unwrap();
    assert_eq!((now.mode() & 0o7777, now.uid()), (0o600, owner));
    // The lock was given back, and no draft with a token in it stayed.
    let mut names: Vec<_> = fs::read_dir(scratch.home().join(".claude"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [".credentials.json"]);

    let events = scratch.events();
    let event = events.iter().find(|event| event["event"]["action"] == "credentials-restored").unwrap();
    assert_eq!(event["file"]["path"], file(&scratch).to_str().unwrap());
    assert!(event["message"].as_str().unwrap().contains("(uid "), "{event}");
    // Once more there is nothing to put back.
    let output = restore(&scratch);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("none that is there is ever replaced"), "{}", said(&output));
    assert_eq!(scratch.count("credentials-restored"), 1);
    for entry in fs::read_dir(scratch.state()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(!text(&bytes).contains(CANARY), "{}", path.display());
    }
}

#[test]
fn json_says_what_became_of_each_file() {
    let scratch = lost();
    let row = |output: Output| {
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        document["files"][0].clone()
    };
    let arguments = ["credentials", "restore", "--yes", "--format", "json"];
    let done = row(run(&scratch, &arguments));
    assert_eq!((&done["outcome"], &done["reason"]), (&"restored".into(), &Value::Null));
    assert_eq!(done["file"], file(&scratch).to_str().unwrap());
    assert!(done["bytes_changed"].as_u64().unwrap() >= LOGIN.len() as u64 && done["kept"].is_string());
    let refused = row(run(&scratch, &arguments));
    assert_eq!((&refused["outcome"], &refused["bytes_changed"]), (&"refused".into(), &Value::Null));
    assert!(refused["reason"].as_str().unwrap().contains("is there"));
}

#[test]
fn another_login_that_is_there_is_never_replaced() {
    let scratch = lost();
    save(&scratch, "{\"claudeAiOauth\":{\"accessToken\":\"\",\"refreshToken\":\"canary-77ab-new\"}}");
    require_refused(&scratch, &["none that is there is ever replaced"]);
    // One without a token is what the client leaves behind when it could not renew it: that is none.
    save(&scratch, "{\"claudeAiOauth\":{\"accessToken\":\"\",\"refreshToken\":\"\"}}");
    assert_eq!(restore(&scratch).status.code(), Some(0));
    assert!(text(&fs::read(file(&scratch)).unwrap()).contains("canary-77ab-r"));
}

#[test]
fn without_a_kept_login_or_without_being_asked_to_keep_any_it_is_refused() {
    let scratch = keeping();
    save(&scratch, TODAY);
    require_refused(&scratch, &["no login was kept", "credentials snapshot"]);
    let scratch = lost();
    fs::write(scratch.path("config.toml"), "[credentials]\nkeep = false\n").unwrap();
    require_refused(&scratch, &["switched off", "credentials.keep = true"]);
}

#[test]
fn a_file_that_is_missing_damaged_or_open_is_left_alone_and_says_what_to_do() {
    let scratch = lost();
    fs::remove_file(file(&scratch)).unwrap();
    require_refused(&scratch, &["the file is not there", "log in again", "umask 077"]);
    for damaged in ["", "{\"mcpOAuth\":{", "[]"] {
        save(&scratch, damaged);
        require_refused(&scratch, &["no JSON", ".damaged"]);
    }
    save(&scratch, TODAY);
    fs::set_permissions(file(&scratch), fs::Permissions::from_mode(0o644)).unwrap();
    require_refused(&scratch, &["open to others (mode 0644)", "chmod 600"]);
    // Somewhere else under another name, too.
    fs::set_permissions(file(&scratch), fs::Permissions::from_mode(0o600)).unwrap();
    fs::hard_link(file(&scratch), scratch.path("other-name")).unwrap();
    require_refused(&scratch, &["hard link"]);
}

#[test]
fn nothing_is_written_while_the_client_holds_its_lock() {
    let scratch = lost();
    fs::create_dir(lock(&scratch)).unwrap();
    require_refused(&scratch, &["lock on it is held"]);
    assert!(lock(&scratch).is_dir(), "it is not ours to remove");
    fs::remove_dir(lock(&scratch)).unwrap();
    assert_eq!(restore(&scratch).status.code(), Some(0));
    require_restored(&scratch);
}

#[test]
fn a_person_is_asked_and_what_the_client_runs_is_refused() {
    let scratch = lost();
    let output = run(&scratch, &["credentials", "restore"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("may end other sessions") && said(&output).contains("--yes"));
    assert_eq!(fs::read_to_string(file(&scratch)).unwrap(), TODAY);

    let mut command = scratch.command();
    command.args(["--config".as_ref(), scratch.path("config.toml").as_os_str()]);
    let output = command.args(["credentials", "restore", "--yes"]).env("CLAUDECODE", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("put back by a person"), "{}", said(&output));
    assert_eq!(fs::read_to_string(file(&scratch)).unwrap(), TODAY);

    for (answer, code) in [("no\n", 1), ("yes\n", 0)] {
        let Some(output) = at_a_terminal(&scratch, answer) else {
            eprintln!("skipped: no `script` of util-linux makes a terminal here");
            return;
        };
        assert_eq!(output.status.code(), Some(code), "{answer:?}: {}", said(&output));
        assert!(said(&output).contains("Type yes"), "{}", said(&output));
    }
    require_restored(&scratch);
}

/// The command at a terminal, where somebody types `answer`.
fn at_a_terminal(scratch: &Scratch, answer: &str) -> Option<Output> {
    Command::new("script").arg("--version").output().ok()?;
    let mut words = vec!["exec".to_owned()];
    let command = scratch.command();
    let typed = command.get_args().map(|word| word.to_str().unwrap().to_owned());
    words.push(command.get_program().to_str().unwrap().to_owned());
    words.extend(typed);
    words.extend(["--config".to_owned(), scratch.path("config.toml").display().to_string()]);
    words.extend(["credentials", "restore"].map(str::to_owned));
    let mut child = Command::new("script")
        .args(["-qec", &words.join(" "), "/dev/null"])
        .env_remove("CLAUDECODE")
        .env("HOME", scratch.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}
