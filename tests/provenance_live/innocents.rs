//! Whom nobody may take for an install: a person, an editor, a script of one's own, a server that npx started, the
//! client. And the client that an install calls.

use super::kit::{Live, SED, done};
use super::node::{TARBALL, npm, package};
use super::support::{clients, wait_until};
use serde_json::json;
use std::fs;
use std::process::Stdio;

fn project() -> serde_json::Value {
    json!({"name": "project", "version": "1.0.0", "scripts": {"fix": SED, "postinstall": "true"}})
}

#[test]
fn a_person_who_edits_while_an_install_runs() {
    let run = || {
        let mut live = Live::start()?;
        let (begun, go) = (live.scratch.path("begun"), live.scratch.path("go"));
        let hook =
            format!("touch {0}; while [ ! -e {1} ]; do sleep 0.05; done", begun.display(), go.display());
        package(&live, json!({"postinstall": hook}), project())?;
        let mut install = npm(&live, "project")?;
        let mut install = install.args(["install", TARBALL]).stdout(Stdio::null()).spawn().unwrap();
        wait_until("the hook runs", || begun.exists());
        // With a terminal of its own, as a person has.
        done(live.command("script", "project").args(["-qec", SED, "/dev/null"]));
        live.redirected().must_be_no_install();
        fs::write(go, "").unwrap();
        assert!(install.wait().unwrap().success());
        live.stop();
        Some(())
    };
    run();
}

/// Beside it, renamed over it, the old one kept: and by this very process, which cargo started.
#[test]
fn an_editor_that_saves() {
    let run = || {
        let mut live = Live::start()?;
        let file = live.scratch.claude_json();
        let text = fs::read_to_string(&file).unwrap().replace("mcp.linear.app", "127.0.0.1:8080");
        fs::rename(&file, file.with_extension("json~")).unwrap();
        fs::write(&file, text).unwrap();
        live.redirected().must_be_no_install();
        live.stop();
        Some(())
    };
    run();
}

#[test]
fn a_script_of_ones_own() {
    let run = || {
        let mut live = Live::start()?;
        package(&live, json!({}), project())?;
        done(npm(&live, "project")?.args(["run", "fix"]));
        live.redirected().must_be_no_install();
        live.stop();
        Some(())
    };
    run();
}

#[test]
fn a_server_that_npx_started() {
    let run = || {
        let mut live = Live::start()?;
        package(&live, json!({"postinstall": "true"}), project())?;
        done(npm(&live, "project")?.args(["install", TARBALL]));
        done(npm(&live, "project")?.args(["exec", "--no", "hookpkg"]));
        live.redirected().must_be_no_install();
        live.stop();
        Some(())
    };
    run();
}

#[test]
fn the_client_itself() {
    let run = || {
        let client = clients().into_iter().next()?;
        let mut live = Live::start()?;
        let mut add = live.command(client, "home");
        add.env("DISABLE_AUTOUPDATER", "1");
        done(add.args(["mcp", "add", "-s", "user", "new", "--", "/bin/true"]));
        let told = live.told("server-added");
        told.must_be_no_install();
        assert_eq!(told.provenance()["actor"], "client", "{:#}", told.provenance());
        live.stop();
        Some(())
    };
    run();
}

#[test]
fn the_client_that_a_hook_calls_is_the_installs_doing() {
    let run = || {
        let client = clients().into_iter().next()?;
        let mut live = Live::start()?;
        let hook = format!(
            "sleep 1 && DISABLE_AUTOUPDATER=1 {} mcp add -s user new -- /bin/true && sleep 1",
            client.display()
        );
        package(&live, json!({"postinstall": hook}), project())?;
        done(npm(&live, "project")?.args(["install", TARBALL]));
        live.told("server-added").must_be_by("npm", "hookpkg", "1.2.3", "postinstall");
        live.stop();
        Some(())
    };
    run();
}
