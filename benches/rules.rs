//! What rules cost: microseconds an event with a hundred of them, and the time to load them.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints its figures, and may fail")]

use mcpwatch::model::event::Event;
use mcpwatch::rules::{Origin, Rules, Source, shipped_examples};
use serde_json::Value;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many rules are in force.
const RULES: usize = 100;

/// What an event may cost.
const AN_EVENT: Duration = Duration::from_micros(200);

/// What loading may cost.
const LOADING: Duration = Duration::from_millis(100);

fn main() {
    // Cargo calls with `--bench`, and with `--test` when only the code is tried.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let sources = sources();
    let load = least(20, || {
        black_box(Rules::load(sources.clone()));
    });
    let rules = Rules::load(sources.clone());
    assert_eq!((rules.rules().len(), rules.problems().len()), (RULES, 0));
    let events: Vec<Event> = shipped_examples()
        .map(|example| serde_json::from_slice::<Value>(&example.bytes).unwrap())
        .map(|document| Event::from_document(document).unwrap())
        .collect();
    let all = least(50, || {
        for event in &events {
            let mut event = event.clone();
            rules.apply(&mut event);
            black_box(event);
        }
    });
    let copies = least(50, || events.iter().for_each(|event| drop(black_box(event.clone()))));
    let events = u32::try_from(events.len()).unwrap();
    row(&format!("an event, {RULES} rules"), (all.saturating_sub(copies)) / events, AN_EVENT);
    row(&format!("loading {RULES} rules"), load, LOADING);
}

/// The shipped rules, and copies of them under other ids until there are enough.
fn sources() -> Vec<Source> {
    let shipped: Vec<Source> = Rules::shipped_sources().collect();
    let copy = |(number, source): (usize, &Source)| {
        let text = String::from_utf8(source.bytes.clone()).unwrap();
        let id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
        let other = format!("{number:08x}{}", &id[8..]);
        Source {
            file: format!("copy-{number}.yml").into(),
            bytes: text.replace(&id, &other).into_bytes(),
            origin: Origin::Own,
        }
    };
    let copies: Vec<Source> =
        shipped.iter().cycle().enumerate().map(copy).take(RULES - shipped.len()).collect();
    shipped.into_iter().chain(copies).collect()
}

fn least(times: u32, mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..times).map(|_| once(&mut work)).min().unwrap_or_default()
}

fn row(what: &str, took: Duration, target: Duration) {
    let missed = if took > target { "  MISSED" } else { "" };
    println!("{what:<28} {took:>12.1?}   target {target:?}{missed}");
}
