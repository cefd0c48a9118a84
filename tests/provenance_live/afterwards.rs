//! What comes later: a process that an install left behind, one that nobody can trace and claims much, and an install
//! while no agent ran.

use super::kit::{AT_ONCE, Live, SED, done};
use super::node::{TARBALL, npm, package};
use serde_json::json;

fn project() -> serde_json::Value {
    json!({"name": "project", "version": "1.0.0"})
}

#[test]
fn who_was_left_behind_by_a_hook_is_traced_to_it() {
    let run = || {
        let mut live = Live::start()?;
        let home = live.scratch.home();
        let late = AT_ONCE.replace("$HOME", home.to_str().unwrap());
        // Another session, no environment, another directory, and all above it are dead.
        let hook = format!(
            "cd / && env -i setsid /bin/sh -c '(sleep 3; exec /bin/{late}) & :' >/dev/null 2>&1 </dev/null & sleep 1"
        );
        package(&live, json!({"postinstall": hook}), project())?;
        done(npm(&live, "project")?.args(["install", TARBALL]));
        // Others may install something on this machine meanwhile.
        live.told_where("the install", |event| {
            event["event"]["action"] == "install-seen" && event["mcpwatch"]["install"]["manager"] == "npm"
        });
        let told = live.redirected();
        told.must_be_by("npm", "hookpkg", "1.2.3", "postinstall");
        live.stop();
        let listed = live.scratch.expect(0, &["installs"]);
        assert!(listed.contains("hookpkg"), "{listed}");
        let shown = live.scratch.expect(0, &["show", told.0["event"]["id"].as_str().unwrap()]);
        assert!(shown.contains("hookpkg@1.2.3") && shown.contains("postinstall"), "{shown}");
        let differs = live.scratch.run(&["diff"]);
        let said = super::support::text(&differs.stdout);
        assert!(said.contains("hookpkg@1.2.3"), "{said}");
        Some(())
    };
    run();
}

#[test]
fn an_environment_that_blames_a_famous_package_proves_nothing() {
    let run = || {
        let mut live = Live::start()?;
        let mut shell = live.command("/bin/bash", "project/node_modules/react");
        live.put("project/node_modules/react/package.json", r#"{"name":"react","version":"19.0.0"}"#);
        shell.envs([
            ("npm_lifecycle_event", "postinstall"),
            ("npm_lifecycle_script", "node postinstall.js"),
            ("npm_command", "install"),
            ("npm_package_name", "react"),
            ("npm_package_version", "19.0.0"),
            ("npm_config_user_agent", "npm/11.0.0 node/v20.0.0 linux x64"),
            ("INIT_CWD", "/tmp"),
        ]);
        // Under a title that npm would have, too.
        done(shell.args(["-c", &format!("exec -a 'npm install react' bash -c '{SED}; :'")]));
        live.redirected().must_be_no_install();
        live.stop();
        Some(())
    };
    run();
}

#[test]
fn what_was_installed_while_no_agent_ran_is_a_candidate() {
    let run = || {
        let mut live = Live::start()?;
        live.stop();
        package(&live, json!({"postinstall": SED}), project())?;
        done(npm(&live, "project")?.args(["install", TARBALL]));
        let mut live = live.up();
        let told = live.redirected();
        let events = live.watch.as_mut().unwrap().events();
        let place = |action: &str| events.iter().position(|event| event["event"]["action"] == action);
        assert!(place("agent-gap") < place("endpoint-host-changed"), "{events:#?}");
        assert!(place("agent-gap").is_some());
        let candidates = told.provenance()["candidates"].as_array().cloned().unwrap_or_default();
        let is_it = |candidate: &serde_json::Value| {
            candidate["manager"] == "npm" && candidate["packages"].to_string().contains("hookpkg")
        };
        assert!(candidates.iter().any(is_it), "{:#}", told.provenance());
        assert_ne!(told.provenance()["confidence"], "proven", "{:#}", told.provenance());
        told.must_be_no_install();
        live.stop();
        Some(())
    };
    run();
}
