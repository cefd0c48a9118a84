//! npm, pnpm, yarn and bun: a package whose hook redirects the server.

use super::kit::{AT_ONCE, Live, SED, done, installed, system};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const NODE: &str = "const f=process.env.HOME+'/.claude.json',s=require('fs');\
    s.writeFileSync(f,s.readFileSync(f,'utf8').replace('mcp.linear.app','127.0.0.1:8080'))";

/// npm that asks nobody anything.
pub(crate) fn npm(live: &Live, directory: &str) -> Option<Command> {
    let mut npm = live.command(system("npm")?, directory);
    npm.envs([
        ("npm_config_update_notifier", "false"),
        ("npm_config_offline", "true"),
        ("npm_config_audit", "false"),
        ("npm_config_fund", "false"),
    ]);
    Some(npm)
}

/// Packs `hookpkg@1.2.3` with those scripts into a tarball beside a project that is empty but for `project`.
pub(crate) fn package(live: &Live, scripts: serde_json::Value, project: serde_json::Value) -> Option<()> {
    let manifest = json!({"name": "hookpkg", "version": "1.2.3", "bin": "hook.js", "scripts": scripts});
    live.put("package/package.json", &manifest.to_string());
    live.put("package/hook.js", &format!("#!/usr/bin/env node\n{NODE}"));
    live.put("project/package.json", &project.to_string());
    // npm follows the package's own steps when it packs, so that only what is asked for runs here.
    done(npm(live, "package")?.args(["pack", "--silent", "--ignore-scripts"]));
    Some(())
}

pub(crate) const TARBALL: &str = "../package/hookpkg-1.2.3.tgz";

fn project() -> serde_json::Value {
    json!({"name": "project", "version": "1.0.0"})
}

fn npm_with(hook: &str, step: &str) -> Option<()> {
    let mut live = Live::start()?;
    package(&live, json!({step: format!("sleep 1 && {hook} && sleep 1")}), project())?;
    done(npm(&live, "project")?.args(["install", TARBALL]));
    live.redirected().must_be_by("npm", "hookpkg", "1.2.3", step);
    live.stop();
    Some(())
}

#[test]
fn npm_plain_write() {
    npm_with(&format!("node -e \"{NODE}\""), "postinstall");
}

#[test]
fn npm_atomic_rename() {
    let hook = "sed s/mcp.linear.app/127.0.0.1:8080/ $HOME/.claude.json > $HOME/.x && mv $HOME/.x $HOME/.claude.json";
    npm_with(hook, "preinstall");
}

#[test]
fn npm_sed() {
    npm_with(AT_ONCE, "install");
}

#[test]
fn npm_shell_alone() {
    let hook = r#"f=$HOME/.claude.json; s=$(<$f); printf %s "${s/mcp.linear.app/127.0.0.1:8080}" > $f"#;
    npm_with(&format!("bash -c '{hook}'"), "postinstall");
}

#[test]
fn npm_script() {
    npm_with("node hook.js", "postinstall");
}

#[test]
fn npm_build_description() {
    let run = || {
        if !Path::new("/usr/include/node/node.h").is_file() {
            eprintln!("not run: the headers of node are not here; install libnode-dev or nodejs");
            return None;
        }
        let mut live = Live::start()?;
        let hook = SED.replace('"', "\\\"");
        let gyp = format!(
            r#"{{"targets":[{{"target_name":"x","type":"none","variables":{{"x":"<!({hook} && echo 1)"}}}}]}}"#
        );
        live.put("package/binding.gyp", &gyp);
        package(&live, json!({}), project())?;
        done(npm(&live, "project")?.env("npm_config_nodedir", "/usr").args(["install", TARBALL]));
        live.redirected().must_be_by("npm", "hookpkg", "1.2.3", "install");
        Some(())
    };
    run();
}

#[test]
fn pnpm() {
    let run = || {
        let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        let pnpm = installed(&format!("pnpm/node_modules/@pnpm/exe.linux-{arch}/pnpm"))?;
        let mut live = Live::start()?;
        package(&live, json!({"postinstall": SED}), project())?;
        live.put("project/pnpm-workspace.yaml", "dangerouslyAllowAllBuilds: true\n");
        done(live.command(pnpm, "project").args(["add", "--offline", TARBALL]));
        live.redirected().must_be_by("pnpm", "hookpkg", "1.2.3", "postinstall");
        Some(())
    };
    run();
}

#[test]
fn yarn_1() {
    let run = || {
        let yarn = installed("yarn1/node_modules/.bin/yarn")?;
        let mut live = Live::start()?;
        package(&live, json!({"postinstall": SED}), project())?;
        let tarball = format!("file:{TARBALL}");
        done(live.command(yarn, "project").args(["add", "--offline", "--non-interactive", &tarball]));
        live.redirected().must_be_by("yarn", "hookpkg", "1.2.3", "postinstall");
        Some(())
    };
    run();
}

#[test]
fn yarn_4() {
    let run = || {
        let yarn = installed("yarn4/node_modules/.bin/yarn")?;
        let mut live = Live::start()?;
        let project = json!({
            "name": "project", "version": "1.0.0", "dependencies": {"hookpkg": format!("file:{TARBALL}")}
        });
        // Its own shell makes each command a child of yarn; the system's stays as long as they take.
        package(&live, json!({"postinstall": format!("sh -c '{SED}'")}), project)?;
        let settings = "nodeLinker: node-modules\nenableTelemetry: false\nenableGlobalCache: false\n\
            enableScripts: true\nenableImmutableInstalls: false\n";
        live.put("project/.yarnrc.yml", settings);
        fs::write(live.scratch.path("project/yarn.lock"), "").unwrap();
        done(live.command(yarn, "project").arg("install"));
        live.redirected().must_be_by("yarn", "hookpkg", "1.2.3", "postinstall");
        Some(())
    };
    run();
}

#[test]
fn bun() {
    let run = || {
        let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        let bun = installed(&format!("bun/node_modules/@oven/bun-linux-{arch}/bin/bun"))?;
        let mut live = Live::start()?;
        let project = json!({
            "name": "project", "version": "1.0.0", "trustedDependencies": ["hookpkg"],
            "dependencies": {"hookpkg": format!("file:{TARBALL}")}
        });
        package(&live, json!({"postinstall": SED}), project)?;
        done(live.command(bun, "project").arg("install"));
        live.redirected().must_be_by("bun", "hookpkg", "1.2.3", "postinstall");
        Some(())
    };
    run();
}
