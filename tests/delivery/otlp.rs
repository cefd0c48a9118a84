//! OTLP: what is sent is what the official definitions read, and every answer is taken as the protocol means it.

use super::http::{Answer, Receiver, Request};
use super::kit::{agent, closed_file, compare, configure, record, status, with_sinks};
use crate::support::{PATIENCE, text, wait_until};
use flate2::read::GzDecoder;
use mcpwatch::export::otlp::messages::{Record, Request as Message, any_value::Value as Any};
use prost::Message as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The numbers of the events in a request.
fn numbers(request: &Request) -> Vec<i64> {
    let mut plain = Vec::new();
    if request.headers.iter().any(|header| header == "content-encoding: gzip") {
        GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain).unwrap();
    } else {
        plain.clone_from(&request.body);
    }
    let message = Message::decode(plain.as_slice()).unwrap();
    let scopes = message.resource_logs.into_iter().flat_map(|logs| logs.scope_logs);
    let sequence = |record: Record| {
        let found =
            record.attributes.into_iter().find(|attribute| attribute.key == "event.sequence").unwrap();
        let Some(Any::Whole(number)) = found.value.unwrap().value else { panic!("no number") };
        number
    };
    scopes.flat_map(|scope| scope.log_records).map(sequence).collect()
}

fn arrived(receiver: &Receiver) -> Vec<i64> {
    receiver.taken().iter().flat_map(numbers).collect()
}

#[test]
fn whatever_it_answers_everything_arrives_in_order() {
    let receiver = Receiver::start([
        Answer::Status(503, "retry-after: 1\r\n", Vec::new()),
        Answer::Status(429, "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n", Vec::new()),
        Answer::Never,
        Answer::ByteByByte,
        Answer::Half,
        Answer::Status(502, "", b"\x12\x04down".to_vec()),
    ]);
    let scratch = with_sinks(&receiver.sink("timeout = \"1s\"\nbatch = 40"));
    record(&scratch, 100);
    let watch = agent(&scratch);
    wait_until("all of it arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let compared = compare(&scratch, &arrived(&receiver));
    assert!(compared.is_in_order && compared.foreign.is_empty() && compared.twice == 0, "{compared:?}");
    assert!(compared.missing.len() <= 1, "{compared:?}");
    assert_eq!(scratch.count("sink-refused"), 0);
}

#[test]
fn what_is_rejected_is_told_and_not_sent_again() {
    let two_rejected = b"\x0a\x0b\x08\x02\x12\x07too old".to_vec();
    let receiver = Receiver::start([Answer::Status(200, "", two_rejected)]);
    let scratch = with_sinks(&receiver.sink(""));
    let mut watch = agent(&scratch);
    let told = watch.event_where("of the refusal", |event| event["event"]["action"] == "sink-refused");
    assert!(told["message"].as_str().unwrap().contains("too old"), "{told}");
    assert_eq!(told["mcpwatch"]["sink"]["refused"], 2);
    wait_until("the rest arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(compare(&scratch, &arrived(&receiver)).twice, 0);
}

#[test]
fn an_answer_that_means_never_is_told_and_asked_again_seldom() {
    for (answer, said) in [
        (Answer::Status(401, "", Vec::new()), "check the token"),
        (Answer::Status(404, "", Vec::new()), "check the path"),
        (Answer::Status(307, "location: http://127.0.0.1:9/\r\n", Vec::new()), "307"),
        (Answer::Page("text/html", "<html>log in</html>"), "not as a receiver of OTLP"),
    ] {
        let receiver = Receiver::start(std::iter::repeat_n(answer, 50));
        let scratch = with_sinks("");
        let token = scratch.path("token");
        closed_file(&token, "t0ps3cret\n");
        configure(&scratch, &receiver.sink(&format!("token_file = {token:?}")));
        let mut watch = agent(&scratch);
        let told = watch.line_with(&["sink-failing", said]);
        assert!(!told.contains("t0ps3cret"));
        let requests = receiver.requests.lock().unwrap();
        assert!(requests.len() <= 2, "{} requests", requests.len());
        assert!(requests[0].headers.contains(&"authorization: bearer t0ps3cret".to_owned()), "{requests:?}");
        drop(requests);
        let why = status(&scratch)["sinks"][0]["last_error"].to_string();
        assert!(why.contains(said) && !why.contains("t0ps3cret"), "{why}");
    }
}

#[test]
fn a_token_that_others_can_read_goes_nowhere() {
    let receiver = Receiver::start([]);
    let scratch = with_sinks("");
    let token = scratch.path("token");
    closed_file(&token, "t0ps3cret\n");
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    configure(&scratch, &receiver.sink(&format!("token_file = {token:?}")));
    let mut watch = agent(&scratch);
    watch.line_with(&["sink-failing", "is open to others"]);
    assert!(receiver.requests.lock().unwrap().is_empty());
}

#[test]
fn the_official_definitions_read_what_is_sent() {
    let Some(python) = python() else { return };
    let receiver = Receiver::start([]);
    let scratch = with_sinks(&receiver.sink("gzip = false"));
    let watch = agent(&scratch);
    wait_until("all of it arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/delivery/otlp_read.py");
    let mut records = Vec::new();
    for request in receiver.taken() {
        let mut child =
            Command::new(&python).arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&request.body).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let lines = text(&output.stdout);
        records.extend(lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()));
    }
    for (record, event) in records.iter().zip(scratch.events()) {
        assert_eq!(record["event_name"], event["event"]["action"]);
        assert_eq!(record["body"], event["message"]);
        assert_eq!(record["severity_text"], event["mcpwatch"]["level"]);
        assert_eq!(record["attributes"]["event.id"], event["event"]["id"]);
        assert_eq!(record["attributes"]["event.type"], event["event"]["type"]);
        assert_eq!(record["resource"]["service.name"], "mcpwatch");
    }
    assert!(records.len() >= 2, "{records:?}");
}

/// Where `tests/run` put the official definitions.
fn python() -> Option<String> {
    let found = std::env::var("MCPWATCH_OTLP_PYTHON").ok().or_else(|| {
        let cached = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache/otlp/bin/python");
        cached.is_file().then(|| cached.to_str().unwrap().to_owned())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI must have opentelemetry-proto: run ./tests/run");
        eprintln!("not run: opentelemetry-proto is not here; ./tests/run installs it");
    }
    found
}

#[test]
fn an_agent_ends_within_a_second_whatever_a_receiver_does() {
    let receiver = Receiver::start(std::iter::repeat_n(Answer::Never, 50));
    let scratch = with_sinks(&receiver.sink("timeout = \"60s\""));
    let best = (0..3).map(|_| {
        let watch = agent(&scratch);
        let before = receiver.requests.lock().unwrap().len();
        wait_until("it waits for an answer", || {
            receiver.requests.lock().unwrap().len() > before.saturating_sub(1)
        });
        let start = Instant::now();
        assert_eq!(watch.stop("TERM").0, Some(0));
        start.elapsed()
    });
    // A busy machine makes it longer and never shorter.
    let best = best.min().unwrap_or(PATIENCE);
    assert!(best.as_secs() < 1, "{best:?}");
}
