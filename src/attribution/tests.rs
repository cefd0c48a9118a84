//! Who did it, without a kernel that tells.

use super::*;
use crate::host::clock::FixedClock;
use crate::host::fake::FakeFiles;
use crate::host::files::Contents;
use crate::host::read_error::ReadError;
use crate::model::install::{Manager, Source};
use crate::model::process::{Image, ProcessId};
use crate::model::provenance::{Actor, Provenance};
use crate::model::surface::FileFacts;
use crate::model::text::Text;
use crate::model::touch::Deed;
use crate::provenance::Through;
use std::ffi::OsString;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// One that records nothing.
fn attribution(files: impl Files + 'static) -> Attribution {
    Attribution {
        files: Box::leak(Box::new(files)),
        clock: Box::leak(Box::new(FixedClock::at(now()))),
        lineage: Err("refused: needs CAP_NET_ADMIN".into()),
        runs: Runs::new(Vec::new()),
        patience: Patience::default(),
        clients: Clients::default(),
        window: SignedDuration::from_hours(96),
    }
}

fn writer(pid: u32, deed: Deed, seconds: i64) -> Writer {
    let image = Image { executable: Some(format!("/usr/bin/p{pid}").into()), ..Image::default() };
    let id = ProcessId { pid, start: 1 };
    let process = Process { is_fork_seen: true, images: vec![Arc::new(image)], ..Process::new(id) };
    Writer {
        ancestry: Ancestry { processes: vec![Arc::new(process)], is_whole: true, is_lossless: true },
        deed: Some(deed),
        when: Some(now() + SignedDuration::from_secs(seconds)),
        method: Method::Kernel,
        identity: Identity::Held,
        through: Through::Path,
    }
}

/// Files on a file system that answers no more.
struct Hanging;

impl Hanging {
    fn hang<T>() -> T {
        loop {
            std::thread::park();
        }
    }
}

impl Files for Hanging {
    fn read(&self, _: &Path, _: u64) -> Result<Contents, ReadError> {
        Self::hang()
    }

    fn facts(&self, _: &Path) -> Result<FileFacts, ReadError> {
        Self::hang()
    }

    fn list(&self, _: &Path) -> Result<Vec<OsString>, ReadError> {
        Self::hang()
    }

    fn exists(&self, _: &Path) -> bool {
        Self::hang()
    }
}

/// `npm install`, and the hook of a package that it runs: the hook first.
fn hook() -> Ancestry {
    let image = |executable: &str, args: &[&str], directory: &str, environment: &[(&'static str, &str)]| {
        let environment = environment.iter().map(|(name, value)| (*name, Text::plain(*value))).collect();
        let args = args.iter().map(|arg| Text::plain(*arg)).collect();
        let (executable, directory) = (Some(executable.into()), Some(directory.into()));
        Arc::new(Image { executable, args, directory, environment, ..Image::default() })
    };
    let npm = image("/usr/bin/node", &["node", "/usr/bin/npm", "install", "left-pad"], "/h/p", &[]);
    let hook = image(
        "/usr/bin/dash",
        &["sh", "-c", "node x.js"],
        "/h/p/node_modules/left-pad",
        &[
            ("npm_lifecycle_event", "postinstall"),
            ("npm_package_name", "left-pad"),
            ("npm_package_version", "6.6.6"),
            ("npm_package_json", "/h/p/node_modules/left-pad/package.json"),
        ],
    );
    let (one, two) = (ProcessId { pid: 7, start: 1 }, ProcessId { pid: 8, start: 2 });
    let first = Process { is_fork_seen: true, images: vec![Arc::clone(&npm)], ..Process::new(one) };
    let second =
        Process { parent: Some(one), is_fork_seen: true, images: vec![npm, hook], ..Process::new(two) };
    Ancestry { processes: vec![Arc::new(second), Arc::new(first)], is_whole: true, is_lossless: true }
}

#[test]
fn a_directory_that_hangs_does_not_hold_up_who_serves_all() {
    let attribution = attribution(Hanging);
    // Many a time: threads that hang are not left behind without end.
    for _ in 0..8 {
        let link = attribution.link_of(&hook()).unwrap();
        assert_eq!((link.install.manager, link.confidence), (Manager::Npm, Confidence::Proven));
        let package = link.hook.unwrap().package.unwrap();
        assert_eq!(package.name, Text::plain("left-pad"));
    }
}

fn authors(file: &str, writers: Vec<Writer>) -> Authors {
    Authors { by_file: BTreeMap::from([(file.into(), writers)]), ..Authors::default() }
}

fn pid(provenance: &Provenance) -> Option<u32> {
    Some(provenance.writer.as_ref()?.id.pid)
}

#[test]
fn a_file_has_its_own_author_and_else_that_of_what_was_touched_with_it() {
    let attribution = attribution(FakeFiles::new());
    let mut both = authors("/h/a", vec![writer(7, Deed::RenamedOnto, 1)]);
    both.extend(authors("/h/b", vec![writer(8, Deed::Written, 2)]));
    let mut judging = attribution.judging(&both, now(), Some(1000));
    assert_eq!(pid(&judging.of(Path::new("/h/a"), None)), Some(7));
    assert_eq!(pid(&judging.of(Path::new("/h/b"), None)), Some(8));
    assert_eq!(pid(&judging.of(Path::new("/h/c"), None)), Some(8), "the last of both");
    let nobody = Authors::default();
    let judged = attribution.judging(&nobody, now(), None).of(Path::new("/h/a"), None);
    assert_eq!((judged.confidence, judged.actor), (Confidence::Unknown, Actor::Unknown));
}

#[test]
fn what_is_judged_ahead_is_what_would_be_judged_and_holds_until_something_is_asked_later() {
    let attribution = attribution(FakeFiles::new());
    let mut ahead = authors("/h/a", vec![writer(7, Deed::RenamedOnto, 1)]);
    let judged = attribution.judging(&ahead, now(), Some(1000)).of(Path::new("/h/a"), None);
    attribution.judge_ahead(&mut ahead, Some(1000), &Key::from_bytes([1; 32]));
    let known = attribution.judging(&ahead, now(), Some(1000)).of(Path::new("/h/a"), None);
    assert_eq!(**known, **judged);
    let again = |authors: &Authors| {
        let known_now = attribution.judging(authors, now(), Some(1000)).of(Path::new("/h/a"), None);
        Arc::ptr_eq(&known, &known_now)
    };
    assert!(again(&ahead));
    ahead.forget_judged();
    assert!(!again(&ahead));
    attribution.judge_ahead(&mut ahead, Some(1000), &Key::from_bytes([1; 32]));
    ahead.extend(authors("/h/a", vec![writer(8, Deed::Written, 2)]));
    let later = attribution.judging(&ahead, now(), Some(1000)).of(Path::new("/h/a"), None);
    assert_eq!(pid(&later), Some(8), "whoever came later is judged anew");
}

#[test]
fn who_only_changed_attributes_wrote_nothing() {
    let by_deed = [(Deed::Attributes, 3), (Deed::WroteTemporary, 1), (Deed::ClosedWritable, 2)];
    let mut writers: Vec<Writer> = by_deed.map(|(deed, second)| writer(second, deed, second.into())).into();
    writers.sort_by_key(|writer| (weight(writer.deed), writer.when));
    let order: Vec<u32> =
        writers.iter().filter_map(|writer| Some(writer.ancestry.process()?.id.pid)).collect();
    assert_eq!(order, [3, 2, 1]);
}

/// Time that passes whenever somebody asks, and the slower the later.
struct Jumpy(std::sync::atomic::AtomicU64);

impl Clock for Jumpy {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        let asked = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Duration::from_secs(1000) + Duration::from_micros(100 * asked.isqrt())
    }

    fn pause(&self, _: Duration) {}
}

#[test]
fn who_put_it_there_comes_after_who_wrote_it_though_both_are_heard_of_in_one_moment() {
    let clock = Jumpy(Default::default());
    let attribution = Attribution { clock: Box::leak(Box::new(clock)), ..attribution(FakeFiles::new()) };
    let file: Arc<Path> = Arc::from(Path::new("/h/.claude.json"));
    let mut touches = Touches::default();
    for (pid, deed) in [(8, Deed::WroteTemporary), (9, Deed::WroteTemporary), (7, Deed::RenamedOnto)] {
        let file = Arc::clone(&file);
        let (started, elapsed) = (Some(1), Duration::from_secs(999));
        touches.add(Touch { file, pid, started, deed, elapsed, is_reaped: true });
    }
    let authors = attribution.authors(&touches);
    let deeds: Vec<Option<Deed>> = authors.of(Some(&file)).iter().map(|writer| writer.deed).collect();
    assert_eq!(
        deeds,
        [Some(Deed::WroteTemporary), Some(Deed::WroteTemporary), Some(Deed::RenamedOnto)],
        "clocks that are asked one after the other do not turn it round"
    );
}

#[test]
fn where_nobody_was_seen_what_was_left_behind_is_suspect_and_nothing_is_sure() {
    let files = FakeFiles::new();
    let log = include_str!("../../tests/receipts/2026-11-21T15_22_13_956Z-debug-0.log");
    let path = "/h/.npm/_logs/2026-02-28T12_00_00_000Z-debug-0.log";
    files.write(path, log);
    let recent = now() - SignedDuration::from_hours(24);
    files.change_facts(path, |facts| facts.modified = recent.as_nanosecond());
    files.write("/h/.cargo/.crates2.json", "{");
    let attribution = attribution(files);
    let suspects = attribution.suspects(Path::new("/h"), std::iter::empty());
    let managers: Vec<Manager> = suspects
        .suspects
        .iter()
        .filter(|install| matches!(install.source, Source::Receipt(_)))
        .map(|install| install.manager)
        .collect();
    assert_eq!(managers, [Manager::Npm], "what is too old or broken is passed over");
    let mut judging = attribution.judging(&suspects, now(), None);
    let judged = judging.of(Path::new("/h/.claude.json"), None);
    assert!(judged.confidence <= Confidence::Possible && judged.install_confidence() <= Confidence::Possible);
    assert!(judged.candidates.len() <= MOST_CANDIDATES);
    assert!(attribution.trouble().is_some_and(|why| why.contains("CAP_NET_ADMIN")));
    let mut seen = suspects.clone();
    seen.extend(authors("/h/a", vec![writer(7, Deed::Written, 1)]));
    assert!(seen.suspects.is_empty(), "somebody was seen");
}

#[test]
fn thousands_of_projects_are_judged_as_one_change() {
    let attribution = attribution(FakeFiles::new());
    let all = authors("/h/a", vec![writer(7, Deed::Written, 1)]);
    let suspects: Arc<[Install]> = vec![Install::new(Manager::Npm, Source::Receipt("/r".into()))].into();
    let all = Authors { suspects, ..all };
    let mut judging = attribution.judging(&all, now(), None);
    for project in 0..10_000 {
        let project = PathBuf::from(format!("/h/p{project}"));
        assert_eq!(pid(&judging.of(&project.join(".mcp.json"), Some(&project))), Some(7));
    }
    assert!(judging.known.len() <= MOST_JUDGED + 1);
}
