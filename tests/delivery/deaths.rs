//! Receivers and agents that die in the middle: nothing is missing, nothing out of order.

use super::kit::{agent, compare, number, record, status, with_sinks};
use super::receiver::{Log, Receiver};
use crate::support::wait_until;

fn syslog(port: u16) -> String {
    format!("[[sink]]\nname = \"siem\"\ntype = \"syslog\"\nurl = \"tcp://127.0.0.1:{port}\"\nbatch = 25\n")
}

#[test]
fn receiver_and_agent_die_by_turns_and_everything_arrives_in_order() {
    let log = Log::default();
    let mut receiver = Receiver::start(None, &log);
    let scratch = with_sinks(&syslog(receiver.port));
    let mut watch = agent(&scratch);
    for round in 0..6 {
        record(&scratch, 200);
        let before = log.lock().unwrap().len();
        wait_until("some of it arrives", || log.lock().unwrap().len() > before);
        if round % 2 == 0 {
            let port = receiver.kill();
            record(&scratch, 10);
            receiver = Receiver::start(Some(port), &log);
        } else {
            watch.stop("KILL");
            watch = agent(&scratch);
        }
    }
    wait_until("all of it arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    wait_until("the last word too", || {
        log.lock().unwrap().last().is_some_and(|event| event["event"]["action"] == "agent-stopped")
    });
    let arrived: Vec<i64> = log.lock().unwrap().iter().map(number).collect();
    let compared = compare(&scratch, &arrived);
    eprintln!("{} arrived, {} of them again", arrived.len(), compared.twice);
    assert!(
        compared.missing.is_empty() && compared.foreign.is_empty() && compared.is_in_order,
        "{compared:?}"
    );
}

#[test]
fn one_that_is_away_for_long_gets_all_when_it_is_back() {
    let log = Log::default();
    let port = Receiver::start(None, &log).kill();
    let scratch = with_sinks(&syslog(port));
    let mut watch = agent(&scratch);
    record(&scratch, 100);
    let failing = watch.line_with(&["sink-failing", "127.0.0.1"]);
    assert!(failing.contains("\"name\":\"siem\""), "{failing}");
    let sink = status(&scratch)["sinks"][0].clone();
    assert!(sink["pending"].as_u64().unwrap() >= 100 && sink["last_error"].is_string(), "{sink}");
    // An agent that was stopped meanwhile goes on where it was.
    assert_eq!(watch.stop("TERM").0, Some(0));
    let receiver = Receiver::start(Some(port), &log);
    let watch = agent(&scratch);
    wait_until("all of it arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    drop(receiver);
    let arrived: Vec<i64> = log.lock().unwrap().iter().map(number).collect();
    let compared = compare(&scratch, &arrived);
    assert!(compared.missing.iter().all(|number| *number > arrived.len() as i64), "{compared:?}");
    assert!(compared.is_in_order && compared.foreign.is_empty(), "{compared:?}");
    assert_eq!(scratch.count("sink-failing"), 1, "told once");
}
