//! What the sensor costs and how fast it is, by fanotify and by notifications in the same run. Knows nothing of the
//! agent.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench prints and may fail"
)]

use mcpwatch::host::entry::Entry;
use mcpwatch::sensor::{Means, Sensor};
use peak_alloc::PeakAlloc;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const ROUNDS: usize = 2_000;
const PROJECTS: usize = 10_000;

/// A sensor, and when it woke somebody.
struct Listener {
    name: &'static str,
    sensor: Sensor,
    files: Vec<PathBuf>,
    woken: Receiver<Instant>,
}

impl Listener {
    fn new(name: &'static str, is_by_notify: bool, files: &[PathBuf]) -> Self {
        let (wake, woken) = sync_channel(16);
        let wake: Box<dyn Fn() + Send> = Box::new(move || _ = wake.try_send(Instant::now()));
        let sensor = if is_by_notify { Sensor::by_notify(wake) } else { Sensor::start(wake) }.unwrap();
        let mut listener = Self { name, sensor, files: files.to_vec(), woken };
        listener.settle();
        listener
    }

    fn settle(&mut self) {
        while self.sensor.watch(self.files.iter().map(PathBuf::as_path), &[], &Entry::at).added > 0 {}
        while self.woken.try_recv().is_ok() {}
        self.sensor.inbox().take();
    }

    /// From that moment to the hint.
    fn hint(&mut self, since: Instant) -> Duration {
        let woken = self.woken.recv_timeout(Duration::from_secs(10)).unwrap();
        woken.saturating_duration_since(since)
    }
}

fn main() {
    println!("sensor: {ROUNDS} renames, {PROJECTS} projects");
    latency();
    neighbour();
    memory();
}

fn latency() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("home/f");
    fs::create_dir(root.path().join("home")).unwrap();
    for (name, is_by_notify) in [("fanotify", false), ("notify", true)] {
        let mut listener = Listener::new(name, is_by_notify, std::slice::from_ref(&file));
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                fs::write(root.path().join("home/t"), "{}").unwrap();
                // What that says is heard before the rename.
                std::thread::sleep(Duration::from_millis(1));
                listener.settle();
                let since = Instant::now();
                fs::rename(root.path().join("home/t"), &file).unwrap();
                listener.hint(since)
            })
            .collect();
        print(&format!("{name}: rename to hint"), &mut times);
    }
    bare(&file);
}

/// Nobody can be faster: the kernel's word, read by a thread that does nothing else.
fn bare(file: &Path) {
    use mcpwatch::host::fanotify::{Bell, Group, Interest, Opened};
    let directory = file.parent().unwrap();
    let Ok(group) = Group::new() else { return println!("no fanotify group") };
    let Entry::Directory(identity) = Entry::at(directory) else { return };
    group.mark(&Opened::at(directory, identity).unwrap(), Interest::Directory).unwrap();
    let (sender, heard) = sync_channel(16);
    let thread = std::thread::spawn(move || {
        let (bell, mut buffer) = (Bell::new().unwrap(), [0; 4096]);
        loop {
            group.wait(&bell).unwrap();
            let readable = Instant::now();
            let mut is_renamed = false;
            group.read(&mut buffer, |event, _| is_renamed |= event.what.is_renamed()).unwrap();
            if is_renamed && sender.send((readable, Instant::now())).is_err() {
                return;
            }
        }
    });
    let (mut readable, mut read) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        fs::write(directory.join("t"), "{}").unwrap();
        std::thread::sleep(Duration::from_millis(1));
        let since = Instant::now();
        fs::rename(directory.join("t"), file).unwrap();
        let (is_readable, is_read) = heard.recv_timeout(Duration::from_secs(10)).unwrap();
        readable.push(is_readable.saturating_duration_since(since));
        read.push(is_read.saturating_duration_since(since));
    }
    print("fanotify, bare: rename to readable", &mut readable);
    print("fanotify, bare: rename to read", &mut read);
    drop(heard);
    fs::write(directory.join("t"), "{}").unwrap();
    fs::rename(directory.join("t"), file).unwrap();
    thread.join().unwrap();
}

fn print(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1e6;
    println!("{what:<44} median {:>7.1} us   p99 {:>7.1} us", at(50), at(99));
}

/// How often the sensor's thread woke while somebody was busy in a directory above.
fn neighbour() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("home/f");
    fs::create_dir(root.path().join("home")).unwrap();
    for (name, is_by_notify) in [("fanotify", false), ("notify", true)] {
        let listener = Listener::new(name, is_by_notify, std::slice::from_ref(&file));
        std::thread::sleep(Duration::from_millis(50));
        let before = wakes(listener.name);
        for number in 0..ROUNDS {
            let [one, two] = ["one", "two"].map(|name| root.path().join(format!("{name}{number}")));
            fs::write(&one, "x").unwrap();
            fs::rename(&one, &two).unwrap();
            fs::remove_file(&two).unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
        println!("{name}: wakes while {ROUNDS} files come and go above {:>8}", wakes(listener.name) - before);
    }
}

/// How often the threads of that name slept by their own will.
fn wakes(name: &str) -> u64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let of = |task: fs::DirEntry| {
        let text = fs::read_to_string(task.path().join("status")).ok()?;
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
        value("Name:")?.starts_with(name).then(|| value("voluntary_ctxt_switches:")?.parse::<u64>().ok())?
    };
    tasks.filter_map(of).sum()
}

/// What is kept for each project.
fn memory() {
    let root = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for number in 0..PROJECTS {
        let project = root.path().join(format!("a-directory-of-some-length/project-{number}"));
        fs::create_dir_all(project.join(".claude")).unwrap();
        let names = [".mcp.json", ".claude/settings.json", ".claude/settings.local.json"];
        files.extend(names.map(|name| project.join(name)));
        fs::write(&files[files.len() - 2], "{}").unwrap();
        if number % 10 == 0 {
            fs::write(&files[files.len() - 3], "{}").unwrap();
        }
    }
    for (name, is_by_notify) in [("fanotify", false), ("notify", true)] {
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        let since = Instant::now();
        let listener = Listener::new(name, is_by_notify, &files);
        let time = since.elapsed();
        let kilobytes = |bytes: usize| bytes.saturating_sub(before) / 1024;
        let own: usize = files.iter().map(|file| file.capacity() + size_of::<PathBuf>()).sum();
        println!(
            "{name}: {} places, heap {} KB (peak {} KB) beside {} KB of the asker's, {:.0} ms",
            listener.sensor.watched(),
            kilobytes(HEAP.current_usage().saturating_sub(own)),
            kilobytes(HEAP.peak_usage().saturating_sub(own)),
            own / 1024,
            time.as_secs_f64() * 1e3
        );
        let means = listener.sensor.means();
        assert!(means.len() == 1 && means.contains(&Means::Notify) == (name == "notify"));
    }
}
