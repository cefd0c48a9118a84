//! How it ends, and that there is only one of it.

use super::kit::{captured, hook};
use crate::support::{Scratch, text};
use rustix::fs::{FlockOperation, flock};
use std::time::{Duration, Instant};

/// How long it took to end, at best: a busy machine makes it longer and never shorter.
fn time_to_end(scratch: &Scratch, signal: &str) -> Duration {
    let times = (0..3).map(|_| {
        let watch = scratch.watch(&[]);
        let start = Instant::now();
        assert_eq!(watch.stop(signal).0, Some(0));
        start.elapsed()
    });
    times.min().unwrap()
}

#[test]
fn it_ends_within_a_second_and_says_so() {
    for signal in ["TERM", "INT"] {
        let scratch = captured();
        let time = time_to_end(&scratch, signal);
        assert!(time < Duration::from_secs(1), "{signal}: {time:?}");
        assert_eq!(scratch.count("agent-stopped"), 3, "{signal}");
        assert_eq!(scratch.events().last().unwrap()["event"]["action"], "agent-stopped");
        assert!(!scratch.is_running());
    }
}

#[test]
fn it_ends_although_its_home_changes_all_the_time() {
    let scratch = captured();
    let watch = scratch.watch(&[]);
    let file = scratch.home().join(".claude");
    std::fs::create_dir_all(&file).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let changing = std::thread::spawn(move || {
        for count in 0.. {
            std::fs::write(file.join("settings.json"), hook(&format!("echo {count}"))).unwrap();
            if stopped.recv_timeout(Duration::from_millis(1)).is_ok() {
                return;
            }
        }
    });
    assert_eq!(watch.stop("TERM").0, Some(0));
    stop.send(()).unwrap();
    changing.join().unwrap();
    assert_eq!(scratch.events().last().unwrap()["event"]["action"], "agent-stopped");
}

#[test]
fn status_does_not_speak_of_an_agent_that_is_gone() {
    let scratch = captured();
    scratch.watch(&[]).stop("KILL");
    // As a new one does, which has only just begun.
    let lock = std::fs::File::open(scratch.state().join("agent.lock")).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    assert!(!scratch.is_running(), "what stands there was said by one that was killed");
}

#[test]
fn a_second_agent_is_refused_and_the_first_goes_on() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let second = scratch.run(&["watch"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains(&watch.pid().to_string()), "{}", text(&second.stderr));
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    assert_eq!(scratch.count("agent-started"), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
