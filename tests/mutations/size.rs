//! A home with very many projects: the time that a check takes grows with it, and not with its square.
#![allow(clippy::disallowed_methods, reason = "this is about the time that passes")]

use crate::home::{CLAUDE_JSON, Home};
use std::time::{Duration, Instant};

fn document(projects: usize, host: &str) -> String {
    let projects: Vec<String> = (0..projects)
        .map(|at| {
            format!(
                r#""/h/w/{at}":{{"mcpServers":{{"s":{{"type":"http","url":"https://h{at}.{host}/"}},"t":{{"command":"./run.sh"}}}},
                   "enabledMcpjsonServers":["s"],"hasTrustDialogAccepted":true}}"#
            )
        })
        .collect();
    format!(r#"{{"projects":{{{}}}}}"#, projects.join(","))
}

fn time(projects: usize) -> (Duration, Duration) {
    let mut home = Home::captured(&[(CLAUDE_JSON, &document(projects, "a.example"))]);
    let start = Instant::now();
    assert_eq!(home.says(), "");
    let silent = start.elapsed();
    home.write(&[(CLAUDE_JSON, &document(projects, "evil.test"))]);
    let start = Instant::now();
    assert_eq!(home.report().judgements.len(), projects);
    (silent, start.elapsed())
}

#[test]
fn a_check_is_not_quadratic() {
    let (few, many) = (time(250), time(2_000));
    // Eight times as many may take sixteen times as long, never sixty-four.
    let slack = Duration::from_millis(300);
    assert!(many.0 < few.0 * 16 + slack, "silent: {few:?} {many:?}");
    assert!(many.1 < few.1 * 16 + slack, "all changed: {few:?} {many:?}");
}
