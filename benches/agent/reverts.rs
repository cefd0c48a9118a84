//! `reverts`, `together`, `cut-short`: how soon a tampered entry is put right, and that nothing is lost meanwhile: no save of
//! the client, no revert, no file. Knows the file, and nothing of how it is put right.

use crate::Options;
use crate::home::{Agent, HOST, Home, PATIENCE, holds_within, tampered};
use crate::table::{self, Times};
use rustix::fs::inotify;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Tampering so often is no fight here.
const POLICY: &str = "[respond]\naction = \"revert\"\ncontest_after = 1000\ncontest_within = \"1s\"\n";

fn answering(home: &Home) -> Agent {
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

/// One save as the client makes it; `None` while somebody else holds the lock.
fn save(home: &Path, change: impl FnOnce(&str) -> String) -> Option<()> {
    let (file, lock) = (home.join(".claude.json"), home.join(".claude.json.lock"));
    match fs::create_dir(&lock) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return None,
        other => other.expect("a lock"),
    }
    let text = fs::read_to_string(&file).expect("a file");
    let beside = home.join(".claude.json.tmp.2.0123456789ab");
    fs::write(&beside, change(&text)).expect("a file");
    fs::rename(&beside, &file).expect("renamed");
    fs::remove_dir(&lock).expect("unlocked");
    Some(())
}

fn startups(text: &str) -> usize {
    let (_, rest) = text.split_once("\"numStartups\": ").expect("a counter");
    rest.split(',').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// Reverts beside a client that saves a hundred times a second.
pub(crate) fn together(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let _agent = answering(&home);
    let directory = home.directory();
    let wanted: usize = options.number(200, 10_000);
    let (is_over, saves) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut reverts, mut lost, mut torn) = (0, 0, 0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let next = |text: &str| {
                    let now = startups(text);
                    text.replacen(
                        &format!("\"numStartups\": {now},"),
                        &format!("\"numStartups\": {},", now + 1),
                        1,
                    )
                };
                match save(&directory, next) {
                    Some(()) => drop(saves.fetch_add(1, Ordering::Relaxed)),
                    None => sleep(Duration::from_micros(300)),
                }
                sleep(Duration::from_millis(10));
            }
        });
        while reverts < wanted {
            while save(&directory, |text| tampered(text, "evil.test")).is_none() {
                sleep(Duration::from_micros(300));
            }
            let is_right = |text: &str| text.contains(HOST) && !text.contains("evil.test");
            let is_done = holds_within(PATIENCE, || {
                let text = fs::read_to_string(home.claude_json()).unwrap_or_default();
                torn += usize::from(!text.ends_with("\n}"));
                is_right(&text)
            });
            lost += usize::from(!is_done);
            reverts += 1;
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let text = fs::read_to_string(home.claude_json()).expect("a file");
    let (made, counted) = (saves.load(Ordering::Relaxed), startups(&text) - startups(&document));
    let seconds = start.elapsed().as_secs_f64();
    table::heading(
        "together",
        &format!("{reverts} reverts beside {made} saves of a client in {seconds:.0} s"),
    );
    table::none("saves that were lost", made.abs_diff(counted));
    table::none("reverts that were lost", lost);
    table::none("torn files", torn);
    let expected = document.replacen(
        &format!("\"numStartups\": {},", startups(&document)),
        &format!("\"numStartups\": {},", startups(&text)),
        1,
    );
    table::none("other bytes that changed", usize::from(text != expected));
}

/// The agent is killed at random moments of a revert.
pub(crate) fn cut_short(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let kills: u64 = options.number(30, 1_000);
    let evil = tampered(&document, "evil.test");
    let (mut torn, mut left, mut before, mut after) = (0, 0, 0, 0);
    for kill in 0..kills {
        let mut agent = answering(&home);
        home.write(".claude.json", &evil);
        // From before anybody has heard of it to after it is all over.
        sleep(Duration::from_micros(kill.wrapping_mul(7_919) % 12_000));
        agent.kill();
        match fs::read_to_string(home.claude_json()) {
            Ok(text) if text == evil => before += 1,
            Ok(text) if text == document => after += 1,
            _ => torn += 1,
        }
    }
    let agent = answering(&home);
    let is_right =
        holds_within(PATIENCE, || fs::read_to_string(home.claude_json()).is_ok_and(|text| text == document));
    drop(agent);
    left += usize::from(!is_right);
    table::heading("cut-short", &format!("{kills} kills: {before} before, {after} after"));
    table::none("files that were neither", torn);
    table::none("not put right in the end", left);
    let is_whole = home.run(&["verify"]).0 == Some(0);
    table::none("journals that are not whole", usize::from(!is_whole));
}
