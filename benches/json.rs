//! Reading a large `~/.claude.json`, against the least that serde_json could do: skipping all of it.
//!
//! Before the benches it prints the ratio of the two; the memory is in `check`.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used, reason = "a bench prints and may fail")]

mod common;

use std::hint::black_box;

use common::{ASCII, CHINESE, Sample, best};
use divan::{AllocProfiler, Bencher, counter::BytesCount};
use mcpwatch::json::{Document, Shape, decode, read};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const CLAUDE: Shape = Shape::Members(&[
    ("mcpServers", Shape::EachMember(&Shape::Whole)),
    (
        "projects",
        Shape::EachMember(&Shape::Members(&[
            ("mcpServers", Shape::EachMember(&Shape::Whole)),
            ("hasTrustDialogAccepted", Shape::Whole),
            ("enabledMcpjsonServers", Shape::Whole),
            ("disabledMcpjsonServers", Shape::Whole),
            ("enabledMcpServers", Shape::Whole),
            ("disabledMcpServers", Shape::Whole),
        ])),
    ),
]);

#[derive(Deserialize)]
struct Skipped {
    #[serde(rename = "mcpServers")]
    _servers: IgnoredAny,
}

fn main() {
    for (name, words) in [("ascii", ASCII), ("chinese", CHINESE)] {
        let bytes = Sample::large(words).claude_json();
        let (skip, ours) = (best(40, || (), |()| skip(&bytes)), best(40, || bytes.clone(), ours));
        let validation = best(40, || (), |()| std::str::from_utf8(black_box(&bytes)).is_ok());
        println!(
            "{name}: {:.1} MB, skip {skip:.1?}, decode and read {ours:.1?} (UTF-8 {validation:.1?}), ratio {:.2}",
            bytes.len() as f64 / 1e6,
            ours.as_secs_f64() / skip.as_secs_f64(),
        );
    }
    divan::main();
}

fn ours(bytes: Vec<u8>) -> Document {
    read(decode(&bytes).as_str(), &CLAUDE).expect("valid JSON")
}

fn skip(bytes: &[u8]) -> Skipped {
    serde_json::from_slice(bytes).expect("valid JSON")
}

#[divan::bench]
fn decode_and_read(bencher: Bencher<'_, '_>) {
    let bytes = Sample::large(ASCII).claude_json();
    bencher.counter(BytesCount::new(bytes.len())).with_inputs(|| bytes.clone()).bench_values(ours);
}

#[divan::bench]
fn skip_everything(bencher: Bencher<'_, '_>) {
    let bytes = Sample::large(ASCII).claude_json();
    bencher.counter(BytesCount::new(bytes.len())).bench(|| skip(black_box(&bytes)));
}

/// A million tiny servers: what is wanted and hostile.
#[divan::bench(sample_count = 10)]
fn a_million_servers(bencher: Bencher<'_, '_>) {
    let members: Vec<_> = (0..1_000_000).map(|i| format!("\"{i:x}\":{{}}")).collect();
    let bytes = format!("{{\"mcpServers\":{{{}}}}}", members.join(",")).into_bytes();
    bencher.counter(BytesCount::new(bytes.len())).with_inputs(|| bytes.clone()).bench_values(ours);
}
