//! Files that never rest: read while they are written, rewritten for ever, put back at once.

use super::kit::{HOME, captured, hook, led_to};
use crate::support::wait_until;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// Does something over and over until it is dropped.
struct Forever {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Forever {
    fn again(mut work: impl FnMut(u32) + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = spawn(move || {
            (0..).take_while(|_| !stopped.load(Ordering::Relaxed)).for_each(&mut work);
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Forever {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told_as_it_is_in_the_end() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let file = fs::OpenOptions::new().write(true).open(scratch.claude_json()).unwrap();
    let until = Instant::now() + Duration::from_secs(2);
    let mut count = 0;
    while Instant::now() < until {
        // Of the same length, so that only the content moves.
        file.write_all_at(led_to(&format!("evil-{:011}", count % 1_000)).as_bytes(), 0).unwrap();
        count += 1;
    }
    file.write_all_at(led_to("evil-last-of-it").as_bytes(), 0).unwrap();
    file.set_len(led_to("evil-last-of-it").len() as u64).unwrap();
    watch.line_with(&["endpoint-host-changed", "evil-last-of-it"]);
    assert_eq!(scratch.settled().len(), 1);
    assert!(watch.is_alive());
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_file_that_is_rewritten_for_ever_hides_no_drift_elsewhere() {
    let scratch = captured();
    let second = scratch.path("second");
    fs::create_dir(&second).unwrap();
    fs::write(second.join(".claude.json"), HOME).unwrap();
    let of_both = |arguments: &[&str]| {
        let mut command = scratch.command();
        command.arg("--home").arg(&second).args(arguments);
        command
    };
    assert!(of_both(&["baseline", "capture"]).output().unwrap().status.success());
    let mut watch = scratch.start(of_both(&["watch"]));
    let (file, beside) = (scratch.claude_json(), scratch.home().join("beside"));
    let rewriting = Forever::again(move |count| {
        fs::write(&beside, HOME.replacen('{', &format!("{{\"numStartups\":{count},"), 1)).unwrap();
        fs::rename(&beside, &file).unwrap();
        sleep(Duration::from_millis(3));
    });
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    fs::write(second.join(".claude.json"), led_to("evil.test")).unwrap();
    watch.line_with(&["endpoint-host-changed"]);
    fs::write(second.join(".claude.json"), HOME).unwrap();
    watch.line_with(&["drift-ended"]);
    drop(rewriting);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_drift_that_flickers_for_ever_hides_no_drift_elsewhere() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let (file, beside) = (scratch.claude_json(), scratch.home().join("beside"));
    let flickering = Forever::again(move |count| {
        fs::write(&beside, if count % 2 == 0 { led_to("evil.test") } else { HOME.to_owned() }).unwrap();
        fs::rename(&beside, &file).unwrap();
        sleep(Duration::from_millis(3));
    });
    watch.line_with(&["endpoint-host-changed"]);
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    drop(flickering);
    scratch.write(".claude.json", HOME);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn what_is_put_back_five_milliseconds_later_is_told_with_its_content() {
    let scratch = captured();
    let watch = scratch.watch(&[]);
    let evil = |number: i32| format!("evil-{number}.test");
    for number in 0..20 {
        scratch.write(".claude.json", &led_to(&evil(number)));
        sleep(Duration::from_millis(5));
        scratch.write(".claude.json", HOME);
        sleep(Duration::from_millis(20));
    }
    // A last one that stays, so that everything before it has been looked at when it is told.
    scratch.write(".claude.json", &led_to("last.test"));
    wait_until("the last one is told", || scratch.settled().iter().any(|key| key.ends_with("last.test")));
    let events = scratch.events();
    let told = |number: &i32| {
        events.iter().any(|event| event["mcpwatch"]["drift"]["observed"] == evil(*number).as_str())
    };
    let count = (0..20).filter(told).count();
    eprintln!("{count} of 20 were told");
    assert!(count > 0, "none of 20 was told");
    scratch.write(".claude.json", HOME);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}
