//! The record and the judgement together, over a real package manager: who wrote is traced to its package though it
//! is detached, has no environment left, and all above it are dead.

use super::kit::{Sleeper, lineage, number};
use super::support::wait_until;
use mcpwatch::model::digest::Key;
use mcpwatch::model::process::Ancestry;
use mcpwatch::model::provenance::{Confidence, Provenance};
use mcpwatch::model::touch::{Deed, Touch};
use mcpwatch::provenance::{DEFAULT_WINDOW, Facts, Writer, judge};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

fn judged(ancestry: Ancestry) -> Provenance {
    let id = ancestry.process().unwrap().id;
    let touch = Touch {
        file: Arc::from(Path::new("/home/u/.claude.json")),
        pid: id.pid,
        started: Some(id.start),
        deed: Deed::Written,
        elapsed: Duration::ZERO,
        is_reaped: false,
    };
    judge(&Facts {
        writers: &[Writer::of(&touch, ancestry, None)],
        changed: jiff::Timestamp::UNIX_EPOCH,
        user: None,
        project: None,
        installs: &[],
        window: DEFAULT_WINDOW,
        handovers: &[],
        at_work: &[],
        is_client: &|_| false,
        manifest: &|_| None,
    })
}

fn npm(directory: &Path, arguments: &[&str]) {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(directory)
        .env("npm_config_update_notifier", "false")
        .env("npm_config_offline", "true")
        .env("npm_config_cache", directory.join("cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_detached_child_of_a_hook_is_traced_to_its_package() {
    if Command::new("npm").arg("--version").output().is_err() {
        eprintln!("not run: npm is not here");
        return;
    }
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let scratch = tempfile::tempdir().unwrap();
    // A hook that lives for milliseconds may be gone before it is read, on a busy machine. Then nothing wrong is said,
    // and the next one is traced.
    let mut traced = None;
    wait_until("a detached child is traced", || {
        let mark = number();
        let directory = scratch.path().join(&mark);
        install(&directory, &mark);
        let sleeper = Sleeper::wait(&lineage, &mark);
        let ancestry = lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap();
        let provenance = judged(ancestry);
        if let Some(package) = package(&provenance) {
            assert_eq!(package, "left-hook@6.6.6");
        }
        let is_traced = provenance.confidence == Confidence::Proven && package(&provenance).is_some();
        traced = is_traced.then_some((sleeper, provenance));
        is_traced
    });
    let (sleeper, provenance) = traced.unwrap();
    let link = provenance.install.as_ref().unwrap();
    assert_eq!(link.hook.as_ref().unwrap().step.unwrap().as_str(), "postinstall");
    assert_eq!(link.confidence, Confidence::Proven, "{link:#?}");

    // Who samples sees nothing above it any more, and blames nobody.
    let sampled = judged(lineage.sample(sleeper.pid).unwrap());
    assert!(sampled.install_confidence() < Confidence::Likely, "{}", sampled.line());
}

/// The package whose hook is at work, as it is named.
fn package(provenance: &Provenance) -> Option<String> {
    let hook = provenance.install.as_ref()?.hook.as_ref()?;
    Some(hook.package.as_ref()?.spec().shown(&Key::from_bytes([1; 32])))
}

/// Installs a package whose hook leaves a process behind that has no environment and no parent of its own.
fn install(directory: &Path, mark: &str) {
    let (package, project) = (directory.join("package"), directory.join("project"));
    fs::create_dir_all(&package).unwrap();
    fs::create_dir_all(&project).unwrap();
    let script = format!("env -i setsid sh -c 'sleep {mark} & :' >/dev/null 2>&1 &");
    let manifest = serde_json::json!({
        "name": "left-hook", "version": "6.6.6", "scripts": { "postinstall": script }
    });
    fs::write(package.join("package.json"), manifest.to_string()).unwrap();
    fs::write(project.join("package.json"), r#"{"name":"project","version":"1.0.0"}"#).unwrap();
    npm(&package, &["pack", "--silent"]);
    npm(&project, &["install", "--no-audit", "--no-fund", "../package/left-hook-6.6.6.tgz"]);
}
