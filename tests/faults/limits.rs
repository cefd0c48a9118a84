//! The machine gives less than the agent would like.

use super::kit::{HOME, captured, config, refusal, with_projects};
use std::fs;
use std::process::Command;

/// Runs what follows with ten watches for all of its processes together.
const WITH_TEN_WATCHES: &str = r#"echo 10 > /proc/sys/user/max_inotify_watches && exec "$0" "$@""#;

#[test]
fn too_few_watches_are_named_with_the_setting_and_cost_time_but_no_drift() {
    if let Some(why) = refusal("unshare", &["-Ur", "sh", "-c", WITH_TEN_WATCHES, "true"]) {
        return eprintln!("not run: no user namespace with a limit of its own: {why}");
    }
    let scratch = captured();
    let config = config(&scratch, "rescan = \"5s\"\n");
    let project = |number: i32| scratch.home().join(format!("work/{number}"));
    for number in 0..20 {
        fs::create_dir_all(project(number)).unwrap();
    }
    scratch.write(".claude.json", &with_projects(HOME, (0..20).map(project)));
    let inside = scratch.command();
    let mut command = Command::new("unshare");
    command.args(["-Ur", "sh", "-c", WITH_TEN_WATCHES]).arg(inside.get_program());
    command.args(inside.get_args()).args(["--config", &config, "watch"]);
    command.current_dir(inside.get_current_dir().unwrap());
    let mut watch = scratch.start(command);
    watch.line_with(&["sensor-degraded", "sysctl"]);
    let status = scratch.status();
    let degraded = status["agent"]["degraded"].as_array().unwrap();
    assert!(degraded.iter().any(|why| why.as_str().unwrap().contains("sysctl")), "{degraded:?}");
    // At least half of them have no watch.
    for number in 0..20 {
        let server = format!(r#"{{"mcpServers":{{"new-{number}-":{{"command":"/bin/true"}}}}}}"#);
        fs::write(project(number).join(".mcp.json"), server).unwrap();
    }
    for number in 0..20 {
        let name = format!("new-{number}-");
        if !watch.seen.iter().any(|line| line.contains(&name)) {
            watch.line_with(&["server-added", &name]);
        }
    }
    assert_eq!(scratch.count("server-added"), 20, "each once");
    assert_eq!(scratch.count("sensor-degraded"), 1, "said once");
    assert_eq!(watch.stop("TERM").0, Some(0));
}
