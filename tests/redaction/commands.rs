//! Every command, in every format, in the state in which the world is. Must not know what is looked for.

use super::super::support::{Scratch, text};
use super::bytes::Heard;
use super::world;

/// Commands as they are typed. `CONFIG`, `TEMPLATE`, `RULE` and `ID` are filled in.
const COMMANDS: [&[&str]; 33] = [
    &["-vvv", "diff"],
    &["-vvv", "diff", "--format", "json"],
    &["diff", "linear"],
    &["baseline", "show"],
    &["baseline", "show", "--format", "json"],
    &["-vvv", "baseline", "check", "TEMPLATE"],
    &["events"],
    &["-vvv", "events", "--format", "json"],
    &["installs"],
    &["installs", "--format", "json"],
    &["rules", "list"],
    &["rules", "list", "--format", "json"],
    &["rules", "explain", "ours"],
    &["-vvv", "rules", "check", "RULE"],
    &["rules", "test"],
    &["status"],
    &["status", "--format", "json"],
    &["doctor"],
    &["-vvv", "doctor", "--format", "json"],
    &["verify"],
    &["verify", "--format", "json"],
    &["export", "--format", "jsonl"],
    &["export", "--format", "ecs-flat"],
    &["export", "--format", "ocsf"],
    &["export", "--format", "cef"],
    &["-vvv", "export", "--format", "syslog"],
    &["-vvv", "credentials", "status"],
    &["credentials", "status", "--format", "json"],
    &["-vvv", "credentials", "snapshot"],
    &["-vvv", "credentials", "restore", "--yes"],
    &["credentials", "restore", "--yes", "--format", "json"],
    &["-vvv", "revert", "--all", "--dry-run"],
    &["revert", "--all", "--dry-run", "--format", "json"],
];

/// Commands that read nothing of anybody's.
const SILENT: [&str; 3] = ["completions", "man", "help"];

/// Commands that have their turn elsewhere in the test.
const ELSEWHERE: [&str; 1] = ["watch"];

/// Runs all of them, `show` for every event, and what changes what stands at last.
pub(crate) fn run_all(scratch: &Scratch, heard: &mut Heard) {
    let config = world::config(scratch);
    let template = scratch.path("templates/corp.json");
    let rules = scratch.path("rules");
    let broken = rules.join("broken.yml");
    let rule = if broken.exists() { broken } else { rules.join("ours.yml") };
    let run = |arguments: &[&str], heard: &mut Heard| {
        let mut all = vec!["--config", config.to_str().unwrap()];
        all.extend(arguments.iter().map(|word| match *word {
            "TEMPLATE" => template.to_str().unwrap(),
            "RULE" => rule.to_str().unwrap(),
            word => word,
        }));
        heard.run(scratch, &all)
    };
    for command in COMMANDS {
        run(command, heard);
    }
    for event in scratch.events() {
        let id = event["event"]["id"].as_str().unwrap();
        run(&["show", id], heard);
        run(&["show", id, "--format", "json"], heard);
    }
    run(&["-vvv", "revert", "linear"], heard);
    run(&["approve", "db", "--reason", "rotated"], heard);
    run(&["-vvv", "approve", "--all"], heard);
    every_command_has_its_turn(scratch);
}

/// A command that is new must be tried here too.
fn every_command_has_its_turn(scratch: &Scratch) {
    let help = text(&scratch.run(&["--help"]).stdout);
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() > 10, "{help}");
    let own = ["show", "approve"];
    let tried = |name: &&str| {
        COMMANDS.iter().any(|command| command.contains(name))
            || own.contains(name)
            || SILENT.contains(name)
            || ELSEWHERE.contains(name)
    };
    let missing: Vec<&&str> = names.iter().filter(|name| !tried(name)).collect();
    assert!(missing.is_empty(), "no canary was looked for in what these say: {missing:?}");
}
