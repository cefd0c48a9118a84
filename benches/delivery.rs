//! What delivery costs, and whether it keeps its word: 100,000 events from the journal to a syslog daemon on this machine
//! beside a bare sender and `logger`, and 20,000 events while receiver and agent are killed fifty times each.
//!
//! `cargo bench --bench delivery` runs both, `-- stream` or `-- kills` one of them.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench prints, and fails loudly"
)]
#![allow(dead_code, reason = "the tests use the rest")]

#[path = "delivery/counter.rs"]
mod counter;
#[path = "../tests/delivery/kit.rs"]
mod kit;
#[path = "../tests/delivery/receiver.rs"]
mod receiver;
#[path = "../tests/support/mod.rs"]
mod support;

use counter::Counter;
use receiver::{Log, Receiver};
use std::io::Write as _;
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};
use support::wait_until;

const STREAM: usize = 100_000;
const DURING_KILLS: usize = 20_000;
const KILLS: usize = 50;
/// What `logger` puts before each line.
const HEADER: usize = 90;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if is_wanted("stream") {
        stream();
    }
    if is_wanted("kills") {
        kills();
    }
}

/// A sink that leads to that port.
fn sink(port: u16, more: &str) -> String {
    format!("[[sink]]\nname = \"siem\"\ntype = \"syslog\"\nurl = \"tcp://127.0.0.1:{port}\"\n{more}\n")
}

fn stream() {
    let counter = Counter::start();
    let scratch = kit::with_sinks(&sink(counter.port, ""));
    for _ in 0..STREAM / 1000 {
        kit::record(&scratch, 1000);
    }
    let watch = kit::agent(&scratch);
    let (mut early, mut most) = (0, 0);
    let rate = rate(&counter, || {
        let now = resident(watch.pid());
        most = most.max(now);
        if counter.events() < STREAM / 5 {
            early = now;
        }
    });
    drop(watch);
    let message = counter.bytes() / counter.events();
    let bare = bare(&Counter::start(), message);
    let logger = logger(&Counter::start(), message);
    println!("stream: {STREAM} events of {message} bytes from the journal to syslog over TCP");
    println!("  mcpwatch     {rate:>9.0} events a second");
    println!("  bare sender  {bare:>9.0} events a second, ratio {:.2}", rate / bare);
    match logger {
        Some(logger) => println!("  logger       {logger:>9.0} events a second, ratio {:.2}", rate / logger),
        None => println!("  logger       not run: it is not installed"),
    }
    println!("  resident     {early} KiB after a fifth, {most} KiB at most");
}

/// Events a second, from the first tenth to the last: what came before is the start of the agent.
fn rate(counter: &Counter, mut meanwhile: impl FnMut()) -> f64 {
    let mut wait_for = |count: usize| {
        wait_until("events arrive", || {
            meanwhile();
            counter.events() >= count
        });
        (counter.events(), Instant::now())
    };
    let (first, start) = wait_for(STREAM / 10);
    let (last, end) = wait_for(STREAM);
    (last - first) as f64 / (end - start).as_secs_f64()
}

/// What a program reaches that does nothing but write a message made ready, one by one, as `logger` does.
fn bare(counter: &Counter, message: usize) -> f64 {
    let text = "x".repeat(message.saturating_sub(5));
    let framed = format!("{} {text}", text.len());
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, counter.port)).unwrap();
    let start = Instant::now();
    for _ in 0..STREAM {
        stream.write_all(framed.as_bytes()).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    wait_until("all of it arrives", || counter.events() >= STREAM);
    STREAM as f64 / start.elapsed().as_secs_f64()
}

/// What `logger` of util-linux reaches, which puts a header before each line of a file.
fn logger(counter: &Counter, message: usize) -> Option<f64> {
    let mut lines = tempfile::NamedTempFile::new().unwrap();
    let line = format!("{}\n", "x".repeat(message.saturating_sub(HEADER)));
    lines.write_all(line.repeat(STREAM).as_bytes()).unwrap();
    let start = Instant::now();
    let status = Command::new("logger")
        .args(["--server", "127.0.0.1", "--tcp", "--octet-count", "--rfc5424", "--size", "8000"])
        .args(["--port", &counter.port.to_string()])
        .arg("--file")
        .arg(lines.path())
        .status();
    if !status.ok()?.success() {
        return None;
    }
    wait_until("all of it arrives", || counter.events() >= STREAM);
    Some(STREAM as f64 / start.elapsed().as_secs_f64())
}

/// The resident set of a process in KiB.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

fn kills() {
    let log = Log::default();
    let mut receiver = Receiver::start(None, &log);
    let scratch = kit::with_sinks(&sink(receiver.port, "batch = 50"));
    let mut watch = kit::agent(&scratch);
    let start = Instant::now();
    for kill in 0..2 * KILLS {
        kit::record(&scratch, DURING_KILLS / (2 * KILLS));
        std::thread::sleep(Duration::from_millis((kill * 7 % 40) as u64));
        if kill % 2 == 0 {
            let port = receiver.kill();
            receiver = Receiver::start(Some(port), &log);
        } else {
            watch.stop("KILL");
            watch = kit::agent(&scratch);
        }
    }
    wait_until("all of it is taken", || kit::status(&scratch)["sinks"][0]["pending"] == 0);
    let arrived: Vec<i64> = log.lock().unwrap().iter().map(kit::number).collect();
    let compared = kit::compare(&scratch, &arrived);
    drop(watch);
    println!(
        "kills: {KILLS} of the receiver, {KILLS} of the agent, in {:.0} s",
        start.elapsed().as_secs_f64()
    );
    println!("  {} arrived, {} of them again", arrived.len(), compared.twice);
    println!(
        "  {} missing, {} foreign, order kept: {}",
        compared.missing.len(),
        compared.foreign.len(),
        compared.is_in_order
    );
    assert!(
        compared.missing.is_empty() && compared.foreign.is_empty() && compared.is_in_order,
        "it kept its word"
    );
}
