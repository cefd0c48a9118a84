//! No secret leaves: canaries lie wherever a secret can stand, everything runs that reads them, and no byte that was
//! printed, stored or sent holds one.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod redaction {
    pub(crate) mod bytes;
    pub(crate) mod canaries;
    pub(crate) mod commands;
    pub(crate) mod receiver;
    pub(crate) mod world;
}
mod support;

use mcpwatch::sensor::Sensor;
use redaction::bytes::Heard;
use redaction::canaries::Canaries;
use redaction::receiver::Receiver;
use redaction::{commands, world};
use std::process::Command;
use support::{Scratch, wait_until};

#[test]
fn no_canary_is_found_in_anything_that_leaves() {
    let (scratch, mut canaries, mut heard) = (Scratch::new(), Canaries::default(), Heard::default());
    let receivers = [Receiver::start(), Receiver::start(), Receiver::start()];
    world::before(&scratch, &mut canaries);
    world::sinks(&scratch, &mut canaries, receivers.each_ref().map(|receiver| receiver.port));
    heard.run(&scratch, &["-vvv", "baseline", "capture"]);

    for (number, format) in ["json", "text"].into_iter().enumerate() {
        let mut command = scratch.command();
        world::environment(&mut command, &mut canaries);
        command.args(["--config".as_ref(), world::config(&scratch).as_os_str()]);
        command.args(["-vvv", "watch", "--format", format]);
        let watch = scratch.start(command);
        world::after(&scratch, &mut canaries, number);
        for kind in ["endpoint-host-changed", "env-changed", "hook-changed", "settings-redirect"] {
            wait_until(kind, || scratch.count(kind) > number);
        }
        world::break_everything(&scratch, &mut canaries);
        for kind in ["rule-rejected", "template-rejected", "config-unparsable"] {
            wait_until(kind, || scratch.count(kind) > number);
        }
        commands::run_all(&scratch, &mut heard);
        world::mend(&scratch, &mut canaries);
        wait_until("all is delivered that can be", || {
            let config = world::config(&scratch);
            let status =
                scratch.expect(0, &["--config", config.to_str().unwrap(), "status", "--format", "json"]);
            let status: serde_json::Value = serde_json::from_str(&status).unwrap();
            let sinks = status["sinks"].as_array().unwrap();
            assert_eq!(sinks.len(), 9, "{status:#}");
            sinks.iter().all(|sink| sink["name"] == "gone" || sink["pending"] == 0)
        });
        heard.end(watch);
    }
    commands::run_all(&scratch, &mut heard);
    heard.files_below("the state directory", &scratch.state());
    heard.files_below("what sinks wrote", &scratch.path("sinks"));
    for (number, receiver) in receivers.iter().enumerate() {
        let taken = receiver.taken();
        assert!(String::from_utf8_lossy(&taken).contains("evil1.example"), "receiver {number}");
        heard.take(&format!("what receiver {number} got"), &taken);
    }

    assert!(canaries.planted() >= 60, "{} canaries", canaries.planted());
    assert!(heard.bytes() > 100_000, "only {} bytes were heard", heard.bytes());
    // What was looked at is what should hold them: the attack was told, and the places of secrets were.
    for word in ["evil1.example", "authorization", "api_key=", "‹secret "] {
        assert!(heard.holds(word), "nothing says {word}");
    }
    match Sensor::start(Box::new(|| {})).unwrap().without_fanotify() {
        None => assert!(heard.holds("left-pat"), "nothing says which package did it"),
        Some(why) => eprintln!("not run: that the package is named, too: {why}"),
    }
    let found = canaries.found_in(&heard);
    assert!(found.is_empty(), "secrets left:\n{}", found.join("\n"));
}

/// The search itself must find what it looks for, also where it was written in another way.
#[test]
fn a_canary_would_be_found() {
    for spell in [
        |token: &str| token.to_owned(),
        |token: &str| token.to_uppercase(),
        |token: &str| format!("x{token}"),
        canaries_in_base64,
        |token: &str| token.bytes().map(|byte| format!("{byte:02x}")).collect(),
        |token: &str| token.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        |token: &str| token.chars().rev().collect(),
    ] {
        let (mut canaries, mut heard) = (Canaries::default(), Heard::default());
        let token = canaries.plant("here");
        heard.take("there", spell(&token).as_bytes());
        let found = canaries.found_in(&heard);
        assert!(found.len() == 1 && found[0].contains("here") && found[0].contains("there"), "{found:?}");
    }
}

fn canaries_in_base64(token: &str) -> String {
    redaction::canaries::base64(format!("user:{token}").as_bytes())
}

#[test]
fn a_crash_leaves_no_core_even_where_cores_are_wanted() {
    use std::os::unix::process::ExitStatusExt as _;
    let scratch = Scratch::new();
    scratch.write(".claude.json", "{}");
    let watch = scratch.watch(&[]);
    let pid = watch.pid();
    let unlimited = Command::new("prlimit").args(["--core=unlimited", "--pid", &pid.to_string()]).status();
    assert!(unlimited.is_ok_and(|status| status.success()), "prlimit is part of util-linux");
    let (status, _, _) = watch.finish("ABRT");
    assert_eq!(status.signal(), Some(6));
    assert!(!status.core_dumped(), "a core holds every secret that was read");
}
