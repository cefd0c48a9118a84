//! The configuration in `packaging/siem/`: with the real receivers where they are installed, and held against the table of
//! fields where it names fields.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

#[path = "export/corpus.rs"]
#[allow(dead_code, reason = "these tests need a part of it")]
mod corpus;
#[path = "siem/elastic.rs"]
mod elastic;
#[path = "siem/receiver.rs"]
mod receiver;
#[path = "siem/snippets.rs"]
mod snippets;
mod support;
#[path = "siem/wazuh.rs"]
mod wazuh;
#[path = "siem/written.rs"]
mod written;

use receiver::{Kind, Receiver};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;
use support::{Scratch, wait_until};

/// What `mcpwatch export` says of a journal with every event of the corpus, and the documents in it.
fn exported(scratch: &Scratch, format: &str) -> (String, Vec<Value>) {
    let mut journal = mcpwatch::journal::Journal::open(&scratch.state()).unwrap();
    let stored = journal.append_all(corpus::events()).unwrap();
    let documents = stored.iter().map(|event| serde_json::from_str(&event.document).unwrap()).collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
    command.env_clear().env("HOME", scratch.home()).arg("--state").arg(scratch.state());
    let output = command.args(["export", "--format", format]).output().unwrap();
    assert!(output.status.success());
    (String::from_utf8(output.stdout).unwrap(), documents)
}

/// Compares what arrived, line by line and in its order. A message that was too long says what it left out.
fn assert_arrived(lines: &[String], documents: &[Value]) {
    assert_eq!(lines.len(), documents.len());
    for (line, document) in lines.iter().zip(documents) {
        let arrived: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(arrived["event"]["sequence"], document["event"]["sequence"]);
        assert!(arrived == *document || arrived["mcpwatch"]["cut"].is_array(), "{line}");
    }
}

fn messages_arrive(kind: Kind) {
    let scratch = Scratch::new();
    let (lines, documents) = exported(&scratch, "syslog");
    let Some(mut receiver) = Receiver::start(kind, "receive.conf", &scratch) else { return };
    let mut connection = None;
    wait_until("the receiver takes connections", || {
        receiver.assert_runs();
        connection = TcpStream::connect(("127.0.0.1", receiver.port)).ok();
        connection.is_some()
    });
    let mut connection = connection.unwrap();
    for line in lines.lines() {
        write!(connection, "{} {line}", line.len()).unwrap();
    }
    connection.flush().unwrap();
    let arrived = receiver.lines("received.jsonl", documents.len());
    assert_arrived(&arrived, &documents);
    assert!(!receiver.spool.join("received.log").exists(), "all of it was understood");
}

fn lines_of_a_file_arrive(kind: Kind) {
    let scratch = Scratch::new();
    let (lines, documents) = exported(&scratch, "jsonl");
    let Some(mut receiver) = Receiver::start(kind, "file.conf", &scratch) else { return };
    // In two halves, the second one while it reads.
    let half = lines.len() / 2;
    let mut file = fs::File::create(receiver.log.join("events.jsonl")).unwrap();
    file.write_all(&lines.as_bytes()[..half]).unwrap();
    let complete = lines.as_bytes()[..half].iter().filter(|byte| **byte == b'\n').count();
    receiver.lines("events.jsonl", complete);
    file.write_all(&lines.as_bytes()[half..]).unwrap();
    let arrived = receiver.lines("events.jsonl", documents.len());
    assert_arrived(&arrived, &documents);
    assert!(!receiver.spool.join("unparsed.log").exists(), "all of it was understood");
}

#[test]
fn rsyslog_takes_messages() {
    messages_arrive(Kind::Rsyslog);
}

#[test]
fn rsyslog_takes_lines_of_a_file() {
    lines_of_a_file_arrive(Kind::Rsyslog);
}

#[test]
fn syslog_ng_takes_messages() {
    messages_arrive(Kind::SyslogNg);
}

#[test]
fn syslog_ng_takes_lines_of_a_file() {
    lines_of_a_file_arrive(Kind::SyslogNg);
}
