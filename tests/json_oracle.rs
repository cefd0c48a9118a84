//! The JSON reader against the engine that the client runs on: what one accepts the other accepts,
//! with the same meaning.
//!
//! `MCPWATCH_ORACLE_DOCUMENTS` sets how many documents are compared, `MCPWATCH_ORACLE_SEED` which,
//! `MCPWATCH_BUN` the program. Without that program the test says so and passes, except in CI.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]
#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail and say why it did not run"
)]

#[path = "common/bun.rs"]
mod bun;
#[path = "common/documents.rs"]
mod documents;

use std::env;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use mcpwatch::json::{Node, Shape, Tree, decode, read};
use sha2::{Digest, Sha256};

use documents::{Random, document};

/// Lists and objects below this level are not compared, here and in `oracle/json_parse.mjs`.
const DEPTH: usize = 200;

/// A document with a difference is printed up to this length.
const SHOWN: usize = 600;

#[test]
fn the_reader_and_the_engine_of_the_client_agree() {
    let bun = match bun::find() {
        Ok(bun) => bun,
        Err(why) => {
            assert!(env::var_os("CI").is_none(), "{why}");
            eprintln!("not compared with the client's engine: {why}");
            return;
        }
    };
    let number = |name, otherwise| env::var(name).map_or(otherwise, |value| value.parse().expect("a number"));
    let (count, seed) = (number("MCPWATCH_ORACLE_DOCUMENTS", 5_000), number("MCPWATCH_ORACLE_SEED", 1));

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/json_parse.mjs");
    let mut oracle = Command::new(bun)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bun starts");
    let mut questions = oracle.stdin.take().unwrap();
    let answers = BufReader::new(oracle.stdout.take().unwrap());
    let started = Instant::now();
    let asking = thread::spawn(move || {
        let mut random = Random::new(seed);
        for _ in 0..count {
            writeln!(questions, "{}", base64(&document(&mut random))).expect("bun reads");
        }
    });

    let mut random = Random::new(seed);
    let (mut compared, mut accepted) = (0, 0);
    let mut differences = Vec::new();
    for theirs in answers.lines() {
        let bytes = document(&mut random);
        let (ours, theirs) = (answer(&bytes), theirs.unwrap());
        compared += 1;
        accepted += u64::from(theirs != "reject");
        if ours != theirs {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
            differences.push(format!("document {compared}: ours {ours}, theirs {theirs}: {shown:?}"));
        }
    }
    asking.join().unwrap();
    assert!(oracle.wait().unwrap().success());
    eprintln!(
        "{compared} documents compared, {accepted} accepted by the engine, in {:.1?}",
        started.elapsed()
    );
    assert_eq!(compared, count);
    let shown = &differences[..differences.len().min(20)];
    assert!(differences.is_empty(), "{} differences, seed {seed}:\n{}", differences.len(), shown.join("\n"));
}

/// What the oracle prints, as the reader sees it.
fn answer(bytes: &[u8]) -> String {
    let text = decode(bytes);
    let Ok(document) = read(text.as_str(), &Shape::Whole) else { return "reject".into() };
    let mut form = String::new();
    canonical(&document.root, 0, &mut form);
    let mut digest = String::new();
    hex(&Sha256::digest(form.as_bytes()), &mut digest);
    digest
}

fn canonical(node: &Node, depth: usize, out: &mut String) {
    match &node.tree {
        Tree::Skipped(_) => panic!("nothing of a whole document is skipped"),
        Tree::Null => out.push('n'),
        Tree::Bool(value) => out.push(if *value { 't' } else { 'f' }),
        Tree::Number(value) => write!(out, "#{:016x}", value.to_bits()).unwrap(),
        Tree::Text(value) => text(value, out),
        Tree::Deep(_) | Tree::List(_) | Tree::Object(_) if depth >= DEPTH => out.push('~'),
        Tree::Deep(raw) => {
            let inner = read(raw, &Shape::Whole).expect("raw text of an accepted document is accepted");
            canonical(&inner.root, depth, out);
        }
        Tree::List(nodes) => {
            out.push('[');
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(node, depth + 1, out);
            }
            out.push(']');
        }
        Tree::Object(object) => {
            let mut members: Vec<String> =
                object.iter().map(|(name, node)| member(name, node, depth)).collect();
            members.sort();
            write!(out, "{{{}}}", members.join(",")).unwrap();
        }
    }
}

fn member(name: &str, node: &Node, depth: usize) -> String {
    let mut out = String::new();
    text(name, &mut out);
    out.push(':');
    canonical(node, depth + 1, &mut out);
    out
}

fn text(value: &str, out: &mut String) {
    out.push('"');
    hex(value.as_bytes(), out);
}

fn hex(bytes: &[u8], out: &mut String) {
    bytes.iter().for_each(|byte| write!(out, "{byte:02x}").unwrap());
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for part in bytes.chunks(3) {
        let group =
            part.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for digit in 0..=part.len() {
            out.push(char::from(DIGITS[(group >> (18 - 6 * digit) & 63) as usize]));
        }
        out.push_str(&"=="[..3 - part.len()]);
    }
    out
}
