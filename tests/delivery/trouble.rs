//! One sink in trouble is no other's, and no alert's.

use super::kit::{agent, lead_to, record, status, with_sinks};
use super::receiver::{Log, Receiver};
use crate::support::wait_until;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

#[test]
fn a_dead_sink_delays_no_other_and_no_alert() {
    // It accepts by the kernel alone, and never reads.
    let deaf = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let log = Log::default();
    let well = Receiver::start(None, &log);
    let sink = |name: &str, port: u16| {
        format!(
            "[[sink]]\nname = \"{name}\"\ntype = \"syslog\"\nurl = \"tcp://127.0.0.1:{port}\"\ntimeout = \"60s\"\n"
        )
    };
    let scratch = with_sinks(&(sink("deaf", deaf.local_addr().unwrap().port()) + &sink("well", well.port)));
    record(&scratch, 500);
    let mut watch = agent(&scratch);
    lead_to(&scratch, "evil.test");
    watch.line_with(&["endpoint-host-changed"]);
    wait_until("the other one has everything", || status(&scratch)["sinks"][1]["pending"] == 0);
    assert!(log.lock().unwrap().iter().any(|event| event["event"]["action"] == "endpoint-host-changed"));
    assert!(status(&scratch)["sinks"][0]["pending"].as_u64().unwrap() >= 500);
    let start = Instant::now();
    assert_eq!(watch.stop("TERM").0, Some(0));
    // What counts is that it is not the 60 seconds of the deaf one; `faults` measures how quick an end is.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}
