//! Whoever reads what the agent prints goes away, or stays and reads nothing.

use super::kit::{captured, led_to};
use crate::support::{Scratch, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Stdio};

/// Enough events to fill any pipe.
const MANY: usize = 100;

/// An agent whose output nobody reads.
struct Unread(Child);

impl Unread {
    fn start(scratch: &Scratch) -> Self {
        let mut command = scratch.command();
        command.args(["watch", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let agent = Self(command.spawn().unwrap());
        wait_until("it runs", || scratch.status()["agent"]["pid"] == agent.0.id());
        agent
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

#[test]
fn a_reader_that_went_away_costs_no_record() {
    let scratch = captured();
    let mut agent = Unread::start(&scratch);
    drop(agent.0.stdout.take());
    for host in ["one.test", "two.test", "three.test"] {
        scratch.write(".claude.json", &led_to(host));
        assert!(scratch.settled().iter().any(|key| key.ends_with(host)));
    }
    assert!(agent.0.try_wait().unwrap().is_none(), "it lives");
}

#[test]
fn a_reader_that_reads_nothing_holds_up_neither_record_nor_end() {
    let scratch = captured();
    let mut agent = Unread::start(&scratch);
    for number in 0..MANY {
        scratch.write(".claude.json", &led_to(&format!("{number}.test")));
        assert_eq!(scratch.settled().len(), 1);
    }
    kill_process(Pid::from_child(&agent.0), Signal::TERM).unwrap();
    wait_until("it ends", || agent.0.try_wait().unwrap().is_some());
}
