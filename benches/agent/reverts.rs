//! `reverts`, `together`: how soon a tampered entry is put right, and that nothing is lost meanwhile: no save of the client,
//! no revert, no byte. Knows the file, and nothing of how it is put right.

use crate::Options;
use crate::client::Client;
use crate::home::{Agent, HOST, Home, PATIENCE, holds_within, tampered};
use crate::table::{self, Times};
use rustix::fs::inotify;
use std::fs;
use std::mem::MaybeUninit;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Tampering so often is no fight here.
const POLICY: &str = "[respond]\naction = \"revert\"\ncontest_after = 1000\ncontest_within = \"1s\"\n";

pub(crate) fn answering(home: &Home) -> Agent {
    let config = home.beside("config.toml");
    fs::write(&config, POLICY).expect("a file");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).expect("its mode");
    home.start_with(&["--config", config.to_str().expect("a path")])
}

/// From the rename that tampers to the file put right.
pub(crate) fn latency(options: &Options) {
    for (name, projects, prompts, reverts, [median, p99]) in [
        ("small", 7, 4, options.number(300, 2_000), [10.0, 50.0]),
        ("large", 500, 100, options.number(30, 200), [80.0, 200.0]),
    ] {
        let (home, document) = Home::captured(projects, prompts);
        let _agent = answering(&home);
        let evil = tampered(&document, "evil.test");
        let (file, beside) = (home.claude_json(), home.file(".claude.json.tmp.1.0123456789ab"));
        let heard = inotify::init(inotify::CreateFlags::CLOEXEC).expect("inotify");
        inotify::add_watch(&heard, home.directory(), inotify::WatchFlags::MOVED_TO).expect("a watch");
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(heard, &mut buffer);
        let mut times = Vec::new();
        for revert in 0..reverts {
            fs::write(&beside, &evil).expect("a file");
            sleep(Duration::from_millis(20 + revert % 7));
            let start = Instant::now();
            fs::rename(&beside, &file).expect("renamed");
            let restored = loop {
                events.next().expect("a notification");
                let now = Instant::now();
                if fs::read(&file).is_ok_and(|bytes| bytes == document.as_bytes()) {
                    break now;
                }
            };
            times.push(restored.duration_since(start));
        }
        let size = document.len() / 1024;
        table::heading(
            "reverts",
            &format!("{name}: rename to the file put right, {size} kB, {reverts} reverts"),
        );
        let times = Times::new(times);
        table::time_target("median", times.median(), median);
        table::time_target("99th percentile", times.p99(), p99);
        table::row("longest", table::shown(times.most()));
    }
}

fn startups(text: &str) -> usize {
    let (_, rest) = text.split_once("\"numStartups\": ").expect("a counter");
    rest.split(',').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// How often the client saves.
const EVERY: Duration = Duration::from_millis(10);

/// Reverts beside a client that saves a hundred times a second.
pub(crate) fn together(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let _agent = answering(&home);
    let wanted: usize = options.number(200, 10_000);
    let (is_over, saves) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut lost, mut torn, mut times) = (0, 0, Vec::new());
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let client = Client::of(&home.directory());
            let mut due = Instant::now();
            while !is_over.load(Ordering::Relaxed) {
                client.save(counted);
                saves.fetch_add(1, Ordering::Relaxed);
                due += EVERY;
                sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        let tamperer = Client::of(&home.directory());
        for _ in 0..wanted {
            tamperer.save(|text| tampered(text, "evil.test"));
            let start = Instant::now();
            let is_done = holds_within(PATIENCE, || {
                let text = fs::read_to_string(home.claude_json()).unwrap_or_default();
                torn += usize::from(!text.starts_with('{') || !text.ends_with("\n}"));
                text.contains(HOST) && !text.contains("evil.test")
            });
            times.push(start.elapsed());
            lost += usize::from(!is_done);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let text = fs::read_to_string(home.claude_json()).expect("a file");
    let (made, found) = (saves.load(Ordering::Relaxed), startups(&text) - startups(&document));
    let seconds = start.elapsed().as_secs_f64();
    table::heading(
        "together",
        &format!(
            "{wanted} reverts beside {made} saves of a client in {seconds:.0} s ({:.0} a second)",
            made as f64 / seconds
        ),
    );
    table::none("saves that were lost", made.abs_diff(found));
    table::none("reverts that were lost", lost);
    table::none("torn files", torn);
    let started = |number: usize| format!("\"numStartups\": {number},");
    let expected = document.replacen(&started(startups(&document)), &started(startups(&text)), 1);
    table::none("other bytes that changed", usize::from(text != expected));
    let whole = home.run(&["verify"]).0 == Some(0);
    table::none("journals that are not whole", usize::from(!whole));
    Times::new(times).print("save that tampers to the file put right");
}

/// What the client saves: that it was started once more.
fn counted(text: &str) -> String {
    let (now, started) = (startups(text), |number: usize| format!("\"numStartups\": {number},"));
    text.replacen(&started(now), &started(now + 1), 1)
}
