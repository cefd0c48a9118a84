//! Sockets of this machine: syslog's and the journal's, and UDP.

use super::kit::{agent, number, record, status, with_sinks};
use super::receiver::document;
use crate::support::wait_until;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// Every message until one says that the agent stopped.
fn until_the_end(mut receive: impl FnMut(&mut [u8]) -> usize) -> Vec<Value> {
    let mut buffer = vec![0; 70_000];
    let mut documents = Vec::new();
    loop {
        let length = receive(&mut buffer);
        let found = document(std::str::from_utf8(&buffer[..length]).unwrap());
        let is_end = found["event"]["action"] == "agent-stopped";
        documents.push(found);
        if is_end {
            return documents;
        }
    }
}

#[test]
fn datagrams_hold_a_message_each_and_no_more_than_they_can() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("log");
    let unix = UnixDatagram::bind(&path).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    unix.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    udp.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let sink = |name: &str, url: String| {
        format!("[[sink]]\nname = \"{name}\"\ntype = \"syslog\"\nurl = \"{url}\"\nmax_message = 2048\n")
    };
    let port = udp.local_addr().unwrap().port();
    let scratch = with_sinks(
        &(sink("unix", format!("unix://{}", path.display()))
            + &sink("udp", format!("udp://127.0.0.1:{port}"))),
    );
    record(&scratch, 3);
    let from_unix = std::thread::spawn(move || until_the_end(|buffer| unix.recv(buffer).unwrap()));
    let from_udp = std::thread::spawn(move || until_the_end(|buffer| udp.recv(buffer).unwrap()));
    assert_eq!(agent(&scratch).stop("TERM").0, Some(0));
    let all: Vec<i64> = scratch.events().iter().map(number).collect();
    for received in [from_unix.join().unwrap(), from_udp.join().unwrap()] {
        assert_eq!(received.iter().map(number).collect::<Vec<_>>(), all);
    }
}

/// The fields of an entry, as the journal's own documentation says.
fn fields(mut rest: &[u8]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let line = std::str::from_utf8(&rest[..end]).unwrap();
        rest = &rest[end + 1..];
        if let Some((name, value)) = line.split_once('=') {
            found.insert(name.to_owned(), value.to_owned());
        } else {
            let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
            found.insert(line.to_owned(), std::str::from_utf8(&rest[8..8 + length]).unwrap().to_owned());
            rest = &rest[9 + length..];
        }
    }
    found
}

#[test]
fn the_journal_gets_every_field_as_one_of_its_own() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("socket");
    let scratch =
        with_sinks(&format!("[[sink]]\nname = \"journal\"\ntype = \"journald\"\npath = {path:?}\n"));
    let watch = agent(&scratch);
    // It comes up after the agent.
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    wait_until("all of it arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    let mut buffer = vec![0; 70_000];
    let length = socket.recv(&mut buffer).unwrap();
    let entry = fields(&buffer[..length]);
    let first = &scratch.events()[0];
    assert_eq!(entry["MESSAGE"], first["message"].as_str().unwrap());
    assert_eq!(entry["SYSLOG_IDENTIFIER"], "mcpwatch");
    assert_eq!(entry["MCPWATCH_EVENT_ACTION"], first["event"]["action"].as_str().unwrap());
    assert_eq!(serde_json::from_str::<Value>(&entry["MCPWATCH_DOCUMENT"]).unwrap(), *first);
    drop(watch);
}
