//! SIGHUP: what is read again, and that what cannot be read changes nothing.

use super::kit::{HOME, captured, config, led_to};
use crate::support::{Scratch, Watch};
use std::fs;
use std::path::{Path, PathBuf};

const SERVER: &str = r#"{"mcpServers":{"new":{"command":"/bin/true"}}}"#;
const DENY: &str =
    r#"{"deniedMcpServers":[{"serverUrl":"https://mcp.tracker.test/*"}],"mcpwatch":{"name":"acme"}}"#;

fn start(scratch: &Scratch, options: &[&str]) -> Watch {
    let mut command = scratch.command();
    command.args(options).arg("watch");
    scratch.start(command)
}

fn still_watches(scratch: &Scratch, watch: &mut Watch) {
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
}

#[test]
fn nothing_new_is_no_news() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    watch.signal("HUP");
    still_watches(&scratch, &mut watch);
    assert_eq!(scratch.count("agent-started"), 1);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

/// A project that the configuration does not name yet, and an agent.
fn with_a_project_beside() -> (Scratch, PathBuf, Watch) {
    let scratch = captured();
    let project = scratch.path("project");
    fs::create_dir(&project).unwrap();
    let file = config(&scratch, "");
    let watch = start(&scratch, &["--config", &file]);
    (scratch, project, watch)
}

/// The configuration names it now, and what changes in it is told.
fn names_it_and_hears_of_it(scratch: &Scratch, project: &Path, mut watch: Watch) {
    config(scratch, &format!("projects = [{project:?}]\n"));
    watch.signal("HUP");
    fs::write(project.join(".mcp.json"), SERVER).unwrap();
    watch.line_with(&["server-added", "new"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_project_that_the_config_names_now_is_watched() {
    let (scratch, project, watch) = with_a_project_beside();
    names_it_and_hears_of_it(&scratch, &project, watch);
}

#[test]
fn a_broken_config_is_refused_and_a_mended_one_is_taken() {
    let (scratch, project, mut watch) = with_a_project_beside();
    config(&scratch, &format!("projects = [{project:?}]\nxyzzy = 1\n"));
    watch.signal("HUP");
    watch.line_with(&["config.toml", "xyzzy"]);
    let said = scratch.events();
    let said = said.iter().filter(|event| event["message"].as_str().unwrap().contains("xyzzy"));
    assert_eq!(said.count(), 1, "in the journal too");
    still_watches(&scratch, &mut watch);
    names_it_and_hears_of_it(&scratch, &project, watch);
}

#[test]
fn a_broken_template_is_refused_and_a_mended_one_is_taken() {
    let scratch = captured();
    let templates = scratch.path("templates");
    fs::create_dir(&templates).unwrap();
    let file = templates.join("acme.json");
    // In one step, since half a file would be refused by itself.
    let put = |text: &str| {
        fs::write(scratch.path("beside"), text).unwrap();
        fs::rename(scratch.path("beside"), &file).unwrap();
    };
    let mut watch = start(&scratch, &["--baselines", templates.to_str().unwrap()]);
    put("{\"deniedMcpServers\": 7}");
    watch.signal("HUP");
    watch.line_with(&["template-rejected", "acme.json"]);
    still_watches(&scratch, &mut watch);
    put(DENY);
    watch.signal("HUP");
    watch.line_with(&["server-denied"]);
    assert_eq!(scratch.count("template-rejected"), 1, "said once");
    fs::remove_file(&file).unwrap();
    watch.signal("HUP");
    watch.line_with(&["drift-ended"]);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_shower_of_signals_ends_nothing() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    for _ in 0..50 {
        watch.signal("HUP");
    }
    still_watches(&scratch, &mut watch);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
