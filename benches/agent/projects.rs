//! `projects`: how long a start takes with very many projects. Knows the agent by `status` only.

use crate::Options;
use crate::home::Home;
use crate::process;
use crate::table;
use std::fs;

const PROJECTS: usize = 10_000;

pub(crate) fn run(options: &Options) {
    let (home, _) = Home::captured(PROJECTS, 5);
    for project in (0..PROJECTS).step_by(10) {
        let server = r#"{"mcpServers":{"shared":{"command":"/bin/true"}}}"#;
        let file = home.file("work").join(format!("project-{project}/.mcp.json"));
        fs::write(file, server).expect("a file");
    }
    home.run(&["baseline", "capture"]);
    let mut starts = Vec::new();
    for _ in 0..options.number(3, 10) {
        let agent = home.start();
        let pid = agent.pid();
        starts.push((agent.ready, process::memory(pid, "VmRSS"), process::memory(pid, "VmHWM")));
    }
    starts.sort();
    let (ready, resident, most) = starts.get(starts.len() / 2).copied().unwrap_or_default();
    table::heading("projects", &format!("{PROJECTS} projects, one in ten with a .mcp.json"));
    table::time_target("start to status running, median", ready, 2_000.0);
    table::memory_target("resident", resident, 40);
    table::row("the most that ever was resident", table::megabytes(most));
}
