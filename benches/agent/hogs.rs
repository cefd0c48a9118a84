//! `hogs`: whether whoever changes the file is still named while eight processes want all the processor time there
//! is. Who changes it lives for a millisecond. Beside it, in the same run, what is left for a tool that waits for a
//! notification and then looks into `/proc`, though it is told where to look.

use crate::Options;
use crate::home::{Home, tampered};
use crate::table;
use rustix::fs::inotify;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// As many as the figure is about.
const HOGS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(20);

/// Ends what it holds.
struct Hogs(Vec<Child>);

impl Drop for Hogs {
    fn drop(&mut self) {
        for hog in &mut self.0 {
            let _gone = hog.kill();
            let _status = hog.wait();
        }
    }
}

/// A tool that looks afterwards. It has an easier life than any real one: the number of the process it is given.
#[derive(Default)]
struct Afterwards {
    pid: AtomicU32,
    looked: AtomicUsize,
    found: AtomicUsize,
}

impl Afterwards {
    /// Begins to wait for renames in that directory.
    fn start(directory: &Path) -> Arc<Self> {
        let tool = Arc::new(Self::default());
        let notify = inotify::init(inotify::CreateFlags::CLOEXEC).expect("notifications");
        inotify::add_watch(&notify, directory, inotify::WatchFlags::MOVED_TO).expect("a watch");
        let own = Arc::clone(&tool);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while rustix::io::read(&notify, &mut buffer).is_ok_and(|length| length > 0) {
                let pid = own.pid.load(Ordering::Acquire);
                let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                own.found.fetch_add(usize::from(!line.is_empty()), Ordering::AcqRel);
                own.looked.fetch_add(1, Ordering::AcqRel);
            }
        });
        tool
    }
}

pub(crate) fn run(options: &Options) {
    if !rustix::process::geteuid().is_root() {
        return println!("\nhogs: not run, this takes root");
    }
    let (home, document) = Home::captured(7, 4);
    let changes = options.number(100, 1_000);
    let agent = home.start();
    let afterwards = Afterwards::start(&home.directory());
    let spin = || Command::new("/bin/sh").args(["-c", "while :; do :; done"]).spawn().expect("a shell");
    let _hogs = Hogs((0..HOGS).map(|_| spin()).collect());
    let (beside, file) = (home.beside("next"), home.claude_json());
    let (mut told, mut named, mut other) = (0, 0, String::new());
    for change in 0..changes {
        let mark = format!("evil-{change}.test");
        fs::write(&beside, tampered(&document, &mark)).expect("a file");
        // The number is known before it renames: the shell waits to become `mv`.
        let mut mv = Command::new("/bin/sh");
        mv.args(["-c", "read go; exec mv \"$0\" \"$1\""]).arg(&beside).arg(&file);
        let mut mv = mv.stdin(std::process::Stdio::piped()).spawn().expect("mv runs");
        afterwards.pid.store(mv.id(), Ordering::Release);
        drop(mv.stdin.take());
        assert!(mv.wait().expect("mv runs").success(), "mv failed");
        let deadline = Instant::now() + PATIENCE;
        while let Ok((_, line)) = agent.lines.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            let observed = event["mcpwatch"]["drift"]["observed"].as_str().unwrap_or_default();
            if event["event"]["action"] == "endpoint-host-changed" && observed.starts_with(&mark) {
                told += 1;
                if event["process"]["name"] == "mv" && event["process"]["args_count"] == 3 {
                    named += 1;
                } else {
                    other = event["mcpwatch"]["provenance"]["line"].to_string();
                }
                break;
            }
        }
    }
    table::heading("hogs", &format!("{changes} changes by mv while {HOGS} processes spin"));
    table::none("changes that were not told", changes - told);
    let missed = share(told - named, told);
    table::target("without a named writer", format!("{missed:.1} %"), "< 1 %", missed < 1.0);
    if !other.is_empty() {
        table::row("  the last of them", other);
    }
    let [looked, found] = [&afterwards.looked, &afterwards.found].map(|count| count.load(Ordering::Acquire));
    let missed = share(looked.saturating_sub(found), looked);
    table::row("  for a tool that looks into /proc afterwards", format!("{missed:.1} %"));
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}
