//! Who reads the client's credentials: a package's hook is told, everybody else reads them in peace.

use super::kit::{Live, done};
use super::node::{TARBALL, npm, package};
use super::support::{clients, wait_until};
use serde_json::{Value, json};
use std::fs;

const LOGIN: &str = r#"{"claudeAiOauth":{"accessToken":"sk-ant-oat01-c4n4ry"}}"#;
const READ: &str = "sleep 1 && cat $HOME/.claude/.credentials.json > /dev/null && sleep 1";

fn project() -> Value {
    json!({"name": "project", "version": "1.0.0", "scripts": {"mine": READ}})
}

fn told(live: &mut Live) -> Vec<Value> {
    let events = live.watch.as_mut().unwrap().events();
    events.into_iter().filter(|event| event["event"]["action"] == "credentials-read").collect()
}

#[test]
fn a_hook_that_reads_them_is_told_and_nobody_else() {
    let run = || {
        let mut live = Live::start()?;
        // Not there when the agent starts; put there as the client does, by a rename.
        let file = live.put("home/.claude/.new", LOGIN);
        fs::rename(&file, file.with_file_name(".credentials.json")).unwrap();
        // A person, a script of one's own, the client.
        done(live.command("/bin/sh", "project").args(["-c", READ]));
        package(&live, json!({"postinstall": READ}), project())?;
        done(npm(&live, "project")?.args(["run", "mine"]));
        if let Some(client) = clients().into_iter().next() {
            done(live.command(client, "home").env("DISABLE_AUTOUPDATER", "1").args([
                "mcp",
                "add",
                "-s",
                "user",
                "new",
                "--",
                "/bin/true",
            ]));
        }
        assert_eq!(told(&mut live), Vec::<Value>::new());
        // A hook, until the new file is marked: that is a moment after it came.
        wait_until("the hook is told", || {
            let _left = fs::remove_dir_all(live.scratch.path("project/node_modules"));
            npm(&live, "project").is_some_and(|mut npm| {
                done(npm.args(["install", TARBALL]));
                !told(&mut live).is_empty()
            })
        });
        let first = told(&mut live).remove(0);
        assert_eq!(first["package"]["name"], "hookpkg", "{first:#}");
        assert_eq!(first["mcpwatch"]["provenance"]["install"]["lifecycle"], "postinstall");
        assert_eq!(first["mcpwatch"]["provenance"]["install"]["confidence"], "proven");
        assert_eq!(first["mcpwatch"]["level"], "critical", "the rule for installs");
        assert!(first["file"]["path"].as_str().unwrap().ends_with("/.claude/.credentials.json"));
        assert!(!first.to_string().contains("c4n4ry"));
        live.stop();
        Some(())
    };
    run();
}
