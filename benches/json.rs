//! Reading a large `~/.claude.json`, against the least that serde_json could do: skipping all of it.
//!
//! Before the benches it prints the ratio of the two and the memory that reading takes beyond the
//! bytes of the file.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(missing_docs, clippy::print_stdout, clippy::expect_used, reason = "a bench prints and may fail")]

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use divan::{AllocProfiler, Bencher, counter::BytesCount};
use mcpwatch::json::{Document, Shape, decode, read};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// What histories are made of.
const ASCII: &str = "abcdefghij klmnopqrst\\n\\\" ";
const CHINESE: &str = "配置文件完整性监视器 \\n\\\" 服务器";

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
    // First: later there is freed memory that reading could use without the peak rising.
    match extra_memory(claude_json(ASCII)) {
        Some(extra) => println!("peak memory beyond the file: {extra} kB"),
        None => println!("peak memory is not known here"),
    }
    for (name, words) in [("ascii", ASCII), ("chinese", CHINESE)] {
        let bytes = claude_json(words);
        let (skip, ours) = (best(|| (), |()| skip(&bytes)), best(|| bytes.clone(), ours));
        let validation = best(|| (), |()| std::str::from_utf8(black_box(&bytes)).is_ok());
        println!(
            "{name}: {:.1} MB, skip {skip:.1?}, decode and read {ours:.1?} (UTF-8 {validation:.1?}), ratio {:.2}",
            bytes.len() as f64 / 1e6,
            ours.as_secs_f64() / skip.as_secs_f64(),
        );
    }
    divan::main();
}

fn ours(bytes: Vec<u8>) -> Document {
    read(decode(bytes).as_str(), &CLAUDE).expect("valid JSON")
}

fn skip(bytes: &[u8]) -> Skipped {
    serde_json::from_slice(bytes).expect("valid JSON")
}

#[divan::bench]
fn decode_and_read(bencher: Bencher<'_, '_>) {
    let bytes = claude_json(ASCII);
    bencher.counter(BytesCount::new(bytes.len())).with_inputs(|| bytes.clone()).bench_values(ours);
}

#[divan::bench]
fn skip_everything(bencher: Bencher<'_, '_>) {
    let bytes = claude_json(ASCII);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| skip(black_box(&bytes)));
}

/// A million tiny servers: what is wanted and hostile.
#[divan::bench(sample_count = 10)]
fn a_million_servers(bencher: Bencher<'_, '_>) {
    let members: Vec<_> = (0..1_000_000).map(|i| format!("\"{i:x}\":{{}}")).collect();
    let bytes = format!("{{\"mcpServers\":{{{}}}}}", members.join(",")).into_bytes();
    bencher.counter(BytesCount::new(bytes.len())).with_inputs(|| bytes.clone()).bench_values(ours);
}

/// The shortest of many runs, which noise of the machine can only lengthen.
fn best<I, O>(mut input: impl FnMut() -> I, mut run: impl FnMut(I) -> O) -> Duration {
    let times = (0..40).map(|_| {
        let input = input();
        let start = Instant::now();
        let output = black_box(run(black_box(input)));
        let time = start.elapsed();
        drop(output);
        time
    });
    times.min().unwrap_or_default()
}

/// By how many kB the peak of resident memory rises while the bytes, already in memory, are read.
fn extra_memory(bytes: Vec<u8>) -> Option<u64> {
    let status = |field: &str| {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with(field))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = status("VmRSS:")?;
    let document = black_box(ours(bytes));
    let after = status("VmHWM:")?;
    drop(document);
    Some(after.saturating_sub(before))
}

/// About 15 MB as the client writes them: 500 projects with their history, 20 servers.
fn claude_json(words: &str) -> Vec<u8> {
    let mut out = String::from(
        "{\n  \"numStartups\": 412,\n  \"tipsHistory\": {\n    \"a\": 1\n  },\n  \"mcpServers\": {",
    );
    let servers = (0..20).map(|i| {
        format!(
            "\n    \"srv{i}\": {{\n      \"type\": \"http\",\n      \"url\": \"https://mcp{i}.example.com/mcp\",\n      \
             \"headers\": {{\n        \"Authorization\": \"Bearer ${{T}}\"\n      }}\n    }}"
        )
    });
    out.push_str(&servers.collect::<Vec<_>>().join(","));
    out.push_str("\n  },\n  \"projects\": {");
    let lengths = [20, 120, 200, 310, 400];
    let repeated = words.repeat(20);
    let step = words.len();
    for project in 0..500 {
        let comma = if project > 0 { "," } else { "" };
        let _ = write!(
            out,
            "{comma}\n    \"/home/dev/work/project-{project}\": {{\n      \"allowedTools\": [],\n      \"history\": ["
        );
        for (entry, length) in lengths.iter().cycle().take(100).enumerate() {
            let comma = if entry > 0 { "," } else { "" };
            let display = repeated.get(..(length / step).max(1) * step).unwrap_or_default();
            let _ = write!(
                out,
                "{comma}\n        {{\n          \"display\": \"{display}\",\n          \"pastedContents\": {{}}\n        }}"
            );
        }
        let linear = r#""linear": {"type": "http", "url": "https://mcp.linear.app/mcp"}"#;
        let servers = if project % 10 == 0 { linear } else { "" };
        let _ = write!(
            out,
            "\n      ],\n      \"mcpContextUris\": [],\n      \"mcpServers\": {{{servers}}},\n      \"enabledMcpjsonServers\": [],\n      \
             \"disabledMcpjsonServers\": [],\n      \"hasTrustDialogAccepted\": true,\n      \"lastCost\": 0.5,\n      \
             \"lastSessionId\": \"x\"\n    }}"
        );
    }
    out.push_str("\n  },\n  \"oauthAccount\": {\n    \"emailAddress\": \"a@b.c\"\n  }\n}");
    out.into_bytes()
}
