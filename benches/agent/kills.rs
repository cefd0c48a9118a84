//! `kills`: the agent is killed at random moments while files change. After each start its journal must be whole
//! and say what `diff` says. Knows the journal and `diff`, and nothing of how the agent remembers.

use crate::Options;
use crate::home::{Home, holds_within, replace, tampered};
use crate::journal::Journal;
use crate::standing::{Standing, in_diff};
use crate::table;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long after the last change journal and `diff` may differ: a half save counts after two seconds.
const SETTLED: Duration = Duration::from_secs(15);
/// The same, once they have differed: what is known to be wrong is not waited for each time.
const SETTLED_AGAIN: Duration = Duration::from_secs(4);

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let changes = Changes::new(&home, &document);
    home.run(&["baseline", "capture"]);
    drop(home.start());
    let has_verify = home.run(&["verify", "--help"]).0 == Some(0);
    let mut journal = Journal::open(&home.state()).rewind();
    let mut standing = Standing::default();
    let kills: u64 = options.number(20, 1_000);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut broken, mut differing, mut events, mut recovery) = (0, 0, 0, Vec::new());
    let mut first = None;
    for kill in 0..kills {
        let changing = changes.start(kill);
        let mut agent = home.spawn();
        // Within its start, at its end, and while it watches.
        std::thread::sleep(Duration::from_micros(random.below(150_000)));
        agent.kill();
        std::thread::sleep(Duration::from_micros(random.below(5_000)));
        changing.stop();

        let is_whole = match has_verify {
            true => home.run(&["verify"]).0 == Some(0),
            false => journal.is_sound(),
        };
        broken += usize::from(!is_whole);
        let start = Instant::now();
        let agent = home.start();
        let expected = in_diff(&home.json(&["diff", "--format", "json"]));
        let time = if differing == 0 { SETTLED } else { SETTLED_AGAIN };
        let agrees = holds_within(time, || {
            let new = journal.new_events();
            events += new.len();
            new.iter().for_each(|event| standing.tell(event));
            standing.keys() == expected
        });
        recovery.push(start.elapsed());
        if !agrees {
            differing += 1;
            let keys = standing.keys();
            first = first.or_else(|| keys.symmetric_difference(&expected).next().cloned());
        }
        drop(agent); // Another SIGKILL, at rest.
    }
    table::heading("kills", &format!("SIGKILL at {kills} random moments while files change"));
    let how = if has_verify { "journals that verify refuses" } else { "journals that SQLite finds damaged" };
    table::none(how, broken);
    table::none("starts after which journal and diff differ", differing);
    first.iter().for_each(|key| println!("    such as {key}"));
    table::none("events that contradict each other", standing.contradictions.len());
    standing.contradictions.iter().take(3).for_each(|text| println!("    {text}"));
    table::row("events", events);
    table::Times::new(recovery).print("start to agreement");
}

/// Files and what they alternate between.
struct Changes(Arc<Vec<(PathBuf, Vec<String>)>>);

impl Changes {
    fn new(home: &Home, document: &str) -> Self {
        let evil = (0..5).map(|number| tampered(document, &format!("evil-{number}.test")));
        let hook = |command: &str| {
            format!(r#"{{"hooks":{{"Stop":[{{"hooks":[{{"type":"command","command":"{command}"}}]}}]}}}}"#)
        };
        let own = std::iter::once(document.to_owned()).chain(evil).collect();
        let settings = vec!["{}".to_owned(), hook("true"), hook("curl evil.test")];
        home.write(".claude/settings.json", "{}");
        Self(Arc::new(vec![(home.claude_json(), own), (home.file(".claude/settings.json"), settings)]))
    }

    /// Changes them until it is stopped: mostly by rename, at times in place or by leaving half a file.
    fn start(&self, seed: u64) -> Changing {
        let (files, stop) = (Arc::clone(&self.0), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1);
            while !stopped.load(Ordering::Relaxed) {
                let (file, texts) = &files[random.index(files.len())];
                let text = &texts[random.index(texts.len())];
                match random.below(10) {
                    0 => fs::write(file, text).expect("a file"),
                    1 => fs::write(file, &text[..text.len() / 2]).expect("a file"),
                    _ => replace(file, text),
                }
                std::thread::sleep(Duration::from_micros(random.below(10_000)));
            }
        });
        Changing { stop, thread }
    }
}

struct Changing {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Changing {
    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the changing ended well");
    }
}

/// Marsaglia's xorshift: the same moments each time, as far as the machine allows.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }
}
