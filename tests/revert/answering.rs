//! `watch --respond revert`: the agent puts right what it finds, and says so.

use super::kit::{CLAUDE, SETTINGS, approved, event, names, read};
use super::support::{Scratch, Watch, text, wait_until};
use serde_json::Value;
use std::fs;
use std::process::Command;

const EVIL: &str = "http://127.0.0.1:8080/mcp";

fn tampered(counter: u32) -> String {
    CLAUDE.replace("12", &counter.to_string()).replace("https://mcp.linear.app/mcp", EVIL)
}

fn answering(scratch: &Scratch) -> Watch {
    scratch.watch(&["--respond", "revert", "--format", "json"])
}

fn is(event: &Value, action: &str) -> bool {
    event["event"]["action"] == action
}

#[test]
fn what_is_tampered_with_is_put_right_and_said_once() {
    let scratch = approved();
    let mut watch = answering(&scratch);
    scratch.write(".claude.json", &tampered(13));
    let reverted = watch.event_where("of the revert", |event| is(event, "config-reverted"));
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE.replace("12", "13"));
    let response = &reverted["mcpwatch"]["response"];
    assert_eq!((&response["action"], &response["outcome"]), (&"revert".into(), &"reverted".into()));
    assert!(response["stood"].as_u64().unwrap() > 0 && reverted["event"]["duration"].as_u64().unwrap() > 0);
    assert!(!response["drifts"].as_array().unwrap().is_empty());
    // It was on record before it was acted on.
    let sequence = |event: &Value| event["event"]["sequence"].as_u64().unwrap();
    assert!(sequence(&event(&scratch, "endpoint-host-changed")) < sequence(&reverted));
    wait_until("its end is told", || scratch.count("drift-ended") > 0);
    let ended = event(&scratch, "drift-ended");
    assert_eq!(ended["mcpwatch"]["response"]["action"], "revert", "not the tamperer's doing: {ended}");
    assert!(ended["process"].is_null() && ended["mcpwatch"]["provenance"].is_null());
    // Its own write is no news, however often everything is compared.
    watch.signal("HUP");
    watch.event_where("that all was read anew", |event| is(event, "agent-reloaded"));
    scratch.settled();
    assert_eq!((scratch.count("config-reverted"), scratch.count("revert-refused")), (1, 0));
    assert_eq!(names(&scratch), [".claude", ".claude.json"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn hooks_go_first_and_what_stood_before_is_found() {
    let scratch = approved();
    scratch.write(".claude/settings.json", &SETTINGS.replace("notify-send done", "node .vscode/setup.mjs"));
    scratch.write(".claude.json", &tampered(12));
    let watch = answering(&scratch);
    wait_until("both are put right", || scratch.count("config-reverted") == 2);
    assert_eq!(
        (read(&scratch, ".claude.json").as_str(), read(&scratch, ".claude/settings.json").as_str()),
        (CLAUDE, SETTINGS)
    );
    let events = scratch.events();
    let reverted: Vec<&Value> = events.iter().filter(|event| is(event, "config-reverted")).collect();
    assert!(reverted[0]["file"]["path"].as_str().unwrap().ends_with("settings.json"), "{reverted:?}");
    assert_eq!(watch.stop("TERM").0, Some(0));
    // And what was told by an agent that did nothing about it.
    let watch = scratch.watch(&[]);
    scratch.write(".claude.json", &tampered(12));
    wait_until("it is told", || scratch.count("endpoint-host-changed") == 2);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(read(&scratch, ".claude.json"), tampered(12));
    let watch = answering(&scratch);
    wait_until("it is put right", || read(&scratch, ".claude.json") == CLAUDE);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn without_being_asked_nothing_is_touched() {
    let scratch = approved();
    let config = scratch.path("config.toml");
    fs::write(&config, "[respond]\naction = \"revert\"\n[respond.kinds]\nserver-added = \"alert\"\n")
        .unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let added = CLAUDE.replace("\"db\": {", "\"new\": {\n      \"command\": \"x\"\n    },\n    \"db\": {");
    let mut watch = scratch.watch(&[config.as_slice(), &["--format", "json"]].concat());
    scratch.write(".claude.json", &added);
    watch.event_where("of the server", |event| is(event, "server-added"));
    scratch.write(".claude.json", &added.replace("https://mcp.linear.app/mcp", EVIL));
    watch.event_where("of the revert", |event| is(event, "config-reverted"));
    assert_eq!(read(&scratch, ".claude.json"), added);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let mut watch = scratch.watch(&[config.as_slice(), &["--respond", "alert", "--format", "json"]].concat());
    scratch.write(".claude.json", &tampered(14));
    watch.event_where("of the host", |event| is(event, "endpoint-host-changed"));
    scratch.settled();
    assert_eq!(read(&scratch, ".claude.json"), tampered(14));
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn what_cannot_be_put_right_is_said_and_a_fight_is_told_and_slowed_down() {
    let scratch = approved();
    let mut watch = answering(&scratch);
    scratch.write("elsewhere.json", &tampered(12));
    fs::remove_file(scratch.claude_json()).unwrap();
    std::os::unix::fs::symlink("elsewhere.json", scratch.claude_json()).unwrap();
    let refused = watch.event_where("of the refusal", |event| is(event, "revert-refused"));
    assert!(refused["mcpwatch"]["response"]["reason"].is_string());
    assert_eq!(read(&scratch, "elsewhere.json"), tampered(12));
    scratch.write(".claude.json", CLAUDE);
    let fought =
        || scratch.events().into_iter().filter(|event| is(event, "revert-contested")).collect::<Vec<_>>();
    let is_waiting = |event: &Value| event["message"].as_str().unwrap().contains("stands for");
    // Each wait is twice as long as the one before: sooner or later the next change comes within it.
    for counter in 0..12 {
        scratch.write(".claude.json", &tampered(counter));
        let right = CLAUDE.replace("12", &counter.to_string());
        wait_until("it is put right", || read(&scratch, ".claude.json") == right);
        if fought().iter().any(is_waiting) {
            break;
        }
    }
    let fought = fought();
    assert!(fought.iter().any(is_waiting), "{fought:?}");
    let contested = fought.iter().find(|event| !is_waiting(event)).unwrap();
    assert_eq!(
        (&contested["mcpwatch"]["level"], &contested["event"]["kind"]),
        (&"critical".into(), &"alert".into())
    );
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn an_agent_that_is_killed_at_any_moment_leaves_the_file_whole() {
    let scratch = approved();
    for round in 0..12_u32 {
        let watch = Watch::spawn({
            let mut command = scratch.command();
            command.args(["watch", "--respond", "revert"]);
            command
        });
        scratch.write(".claude.json", &tampered(round));
        // Now before it has begun, now in the midst of it, now after it.
        let (before, after) = (tampered(round), CLAUDE.replace("12", &round.to_string()));
        if round % 3 > 0 {
            let told = scratch.count("config-reverted");
            wait_until("it is at work", || {
                let now = read(&scratch, ".claude.json");
                assert!(now == before || now == after, "torn: {now}");
                names(&scratch).len() > 2
                    || (round % 3 == 2 && scratch.count("config-reverted") > told)
                    || now == after
            });
        }
        watch.stop("KILL");
        let now = read(&scratch, ".claude.json");
        assert!(now == before || now == after, "torn: {now}");
    }
    let watch = answering(&scratch);
    wait_until("what was left is put right", || read(&scratch, ".claude.json") == CLAUDE.replace("12", "11"));
    scratch.settled();
    assert_eq!(watch.stop("TERM").0, Some(0));
    scratch.expect(0, &["verify"]);
}

#[test]
fn an_agent_that_is_stopped_ends_what_it_began() {
    let scratch = approved();
    for round in 0..8_u32 {
        let told = scratch.count("config-reverted");
        let watch = answering(&scratch);
        scratch.write(".claude.json", &tampered(round));
        let (before, after) = (tampered(round), CLAUDE.replace("12", &round.to_string()));
        wait_until("it is at work", || names(&scratch).len() > 2 || read(&scratch, ".claude.json") == after);
        assert_eq!(watch.stop("TERM").0, Some(0));
        assert_eq!(names(&scratch), [".claude", ".claude.json"], "no draft and no lock are left");
        let now = read(&scratch, ".claude.json");
        assert!(now == before || now == after, "{now}");
        assert_eq!(scratch.count("config-reverted") - told, usize::from(now == after));
    }
}

#[test]
fn what_a_killed_one_left_is_cleared_up_after_the_next_start_and_told() {
    // As the one that was killed would have left them: not complete yet, and one that cannot be told from a save.
    let draft = ".claude.json.mcpwatch-0123456789abcdef01234567";
    let odd = ".claude/settings.json.mcpwatch-0123456789abcdef01234567-odd";
    let [scratch, other] = [approved(), approved()];
    for home in [&scratch, &other] {
        home.write(draft, "half of");
        home.write(odd, "perhaps somebody's");
    }
    let mut telling = other.watch(&["--format", "json"]);
    let mut watch = answering(&scratch);
    let is_of = |event: &Value, file: &str| {
        is(event, "revert-cut-short") && event["file"]["path"].as_str().unwrap().ends_with(file)
    };
    let told = watch.event_where("of what may be a save", |event| is_of(event, "/settings.json"));
    assert_eq!(told["mcpwatch"]["level"], "medium");
    assert!(told["message"].as_str().unwrap().contains("compare the two"), "{told}");
    assert_eq!(read(&scratch, odd), "perhaps somebody's");
    let told = watch.event_where("of the draft", |event| is_of(event, "/.claude.json"));
    assert_eq!(told["mcpwatch"]["level"], "informational");
    assert_eq!(names(&scratch), [".claude", ".claude.json"]);
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
    assert_eq!(watch.stop("TERM").0, Some(0));
    // Whoever only tells touches nothing.
    assert_eq!((read(&other, draft).as_str(), read(&other, odd).as_str()), ("half of", "perhaps somebody's"));
    assert!(telling.events().iter().all(|event| !is(event, "revert-cut-short")));
    assert_eq!(telling.stop("TERM").0, Some(0));
}

#[test]
fn what_a_real_install_did_is_undone() {
    if Command::new("npm").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI must have npm");
        eprintln!("not run: npm is not here; install it with apt-get install npm");
        return;
    }
    let scratch = approved();
    let hook = "sed -i s,https://mcp.linear.app,http://127.0.0.1:8080, $HOME/.claude.json";
    let package =
        serde_json::json!({"name": "left-pat", "version": "6.6.6", "scripts": {"postinstall": hook}});
    for (directory, manifest) in [("package", package.to_string()), ("victim", "{}".to_owned())] {
        fs::create_dir(scratch.path(directory)).unwrap();
        fs::write(scratch.path(directory).join("package.json"), manifest).unwrap();
    }
    let npm = |directory: &str, arguments: &[&str]| {
        let mut command = Command::new("npm");
        command.args(arguments).current_dir(scratch.path(directory)).env("HOME", scratch.home());
        command.env("npm_config_update_notifier", "false").env("npm_config_offline", "true");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    };
    npm("package", &["pack", "--silent"]);
    let config = scratch.path("config.toml");
    fs::write(&config, "[respond]\naction = \"recommended\"\n").unwrap();
    let mut watch = scratch.watch(&["--config", config.to_str().unwrap(), "--format", "json"]);
    let sensors = scratch.status()["agent"]["sensors"].to_string();
    npm("victim", &["install", "--foreground-scripts", "../package/left-pat-6.6.6.tgz"]);
    let told = watch.event_where("of the host", |event| is(event, "endpoint-host-changed"));
    if told["mcpwatch"]["provenance"]["actor"] == "install" {
        let reverted = watch.event_where("of the revert", |event| is(event, "config-reverted"));
        assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
        assert_eq!(reverted["package"]["name"], "left-pat", "who did it is said with it");
    } else {
        assert!(!sensors.contains("fanotify") || !sensors.contains("processes"), "{told}");
        eprintln!("not run to its end: this kernel tells {sensors} and not who writes");
    }
    // What a person did is told and left.
    let before = scratch.count("config-reverted");
    scratch.write(".claude.json", &tampered(77).replace(EVIL, "https://person.test/mcp"));
    watch.event_where("of the person", |event| {
        is(event, "endpoint-host-changed") && event.to_string().contains("person.test")
    });
    scratch.settled();
    assert_eq!(scratch.count("config-reverted"), before);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
