//! What a rewrite of `~/.claude.json` costs that changes nothing of its MCP meaning: the client makes one more
//! than once a second. Checked against the least that serde_json could do, which is to skip it all.
//!
//! The bytes are in memory already: reading a file costs what the machine makes it cost, and is in `process`.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints and may fail")]

mod common;

use common::{ASCII, CHINESE, Sample, best};
use mcpwatch::baseline::Baseline;
use mcpwatch::check::{Place, Reader, Report, Vendors, World, capture, check};
use mcpwatch::host::clock::SystemClock;
use mcpwatch::host::files::{Contents, Files};
use mcpwatch::host::read_error::ReadError;
use mcpwatch::model::approval::Approval;
use mcpwatch::model::surface::FileFacts;
use mcpwatch::surface::claude_code::Layout;
use peak_alloc::PeakAlloc;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const HOME: &str = "/home/dev";

fn main() {
    for (name, words) in [("ascii", ASCII), ("chinese", CHINESE)] {
        unchanged(name, &Sample::large(words));
    }
    println!("\nprojects      MB   check ms   us/project   kB peak   kB kept");
    for projects in [100, 1_000, 10_000] {
        let sample = Sample { words: ASCII, projects, prompts: 5, root: "/home/dev/work" };
        scale(&sample);
    }
}

/// The ratio and the memory of one rewrite.
fn unchanged(name: &str, sample: &Sample<'_>) {
    let bytes = sample.claude_json();
    let mut home = Home::captured(bytes.clone());
    let (peak, kept) = home.memory(&bytes);
    // Both work on bytes that were just written to memory, as those of a file that was just read are.
    let skip = best(
        40,
        || bytes.clone(),
        |bytes| {
            let _skipped: Skipped = serde_json::from_slice(black_box(&bytes)).expect("valid");
            bytes
        },
    );
    let check = (0..40).map(|_| home.rewritten(&bytes, Home::unchanged)).min().unwrap_or_default();
    let judged = (0..40).map(|_| home.rewritten(&bytes, Home::judged)).min().unwrap_or_default();
    let times = |time: Duration| time.as_secs_f64() / skip.as_secs_f64();
    println!(
        "{name}: {:.1} MB, skip {skip:.1?}, rewrite {check:.1?} ({:.2} times), whole check {judged:.1?} ({:.2} times)\n\
         memory of a rewrite: at most {peak} kB beyond the file, {kept} kB kept",
        bytes.len() as f64 / 1e6,
        times(check),
        times(judged),
    );
}

fn scale(sample: &Sample<'_>) {
    let bytes = sample.claude_json();
    let mut home = Home::captured(bytes.clone());
    let (peak, kept) = home.memory(&bytes);
    let check = (0..5).map(|_| home.rewritten(&bytes, Home::judged)).min().unwrap_or_default();
    println!(
        "{:8} {:7.1} {:10.2} {:12.2} {peak:9} {kept:9}",
        sample.projects,
        bytes.len() as f64 / 1e6,
        check.as_secs_f64() * 1e3,
        check.as_secs_f64() * 1e6 / sample.projects as f64,
    );
}

#[derive(Deserialize)]
struct Skipped {
    #[serde(rename = "mcpServers")]
    _servers: IgnoredAny,
}

/// A home whose state was captured, and the reader that remembers it.
struct Home {
    files: OneFile,
    layout: Layout,
    baseline: Baseline,
    reader: Reader,
    touched: BTreeSet<PathBuf>,
}

impl Home {
    fn captured(bytes: Vec<u8>) -> Self {
        let mut home = Self {
            files: OneFile::default(),
            layout: Layout::of_home(HOME),
            baseline: Baseline::default(),
            reader: Reader::without_waiting(64 << 20),
            touched: [Path::new(HOME).join(".claude.json")].into(),
        };
        home.files.rewrite(bytes);
        let report = home.check();
        home.baseline.approvals = capture(&report, &Baseline::default())
            .into_iter()
            .zip(1..)
            .map(|(accepted, id)| Approval {
                id,
                home: Path::new(HOME).into(),
                subject: accepted.subject,
                content: accepted.content,
                raw: accepted.raw,
                file: accepted.file.into(),
                by: "dev".into(),
                uid: None,
                at: "".into(),
                reason: None,
                expires: None,
                event: None,
            })
            .collect();
        home
    }

    fn check(&mut self) -> Report {
        let world = World {
            owner: None,
            is_private_group: &|_| true,
            exists: &|_| true,
            vendors: Vendors::of_the_catalogue(),
        };
        let place =
            Place { files: &self.files, clock: &SystemClock, layout: &self.layout, baseline: &self.baseline };
        check(&mut self.reader, place, &world)
    }

    /// What the agent does at a hint: it reads the file again, and nothing must have changed.
    fn unchanged(&mut self) {
        let place =
            Place { files: &self.files, clock: &SystemClock, layout: &self.layout, baseline: &self.baseline };
        assert!(self.reader.read_again(place, &self.touched).is_none(), "something changed");
    }

    /// What `diff` does: everything is judged, and nothing must be found.
    fn judged(&mut self) {
        let report = self.check();
        assert!(report.judgements.is_empty(), "{} judgements", report.judgements.len());
        assert!(!report.inventory.servers.is_empty());
    }

    /// The most that a check after a rewrite holds beyond the bytes of the file, and what it keeps, in kB.
    fn memory(&mut self, bytes: &[u8]) -> (isize, isize) {
        let before = HEAP.current_usage();
        self.files.rewrite(bytes.to_vec());
        let file = HEAP.current_usage();
        HEAP.reset_peak_usage();
        self.unchanged();
        let beyond = |usage: usize, base: usize| (usage as isize - base as isize) / 1000;
        (beyond(HEAP.peak_usage(), file), beyond(HEAP.current_usage(), before))
    }

    /// How long it takes after a rewrite.
    fn rewritten(&mut self, bytes: &[u8], look: impl Fn(&mut Self)) -> Duration {
        self.files.rewrite(bytes.to_vec());
        let start = Instant::now();
        look(self);
        start.elapsed()
    }
}

/// A machine with nothing on it but one `.claude.json`, which can be read once each time it was written.
#[derive(Default)]
struct OneFile(Mutex<(u64, Vec<u8>)>);

impl OneFile {
    fn rewrite(&self, bytes: Vec<u8>) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *file = (file.0 + 1, bytes);
    }
}

impl Files for OneFile {
    fn read(&self, path: &Path, _: u64) -> Result<Contents, ReadError> {
        let facts = self.facts(path)?;
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Contents { bytes: std::mem::take(&mut file.1), facts })
    }

    fn facts(&self, path: &Path) -> Result<FileFacts, ReadError> {
        if path.as_os_str() != "/home/dev/.claude.json" {
            return Err(ReadError::Missing(path.to_path_buf()));
        }
        let version = self.0.lock().unwrap_or_else(PoisonError::into_inner).0;
        Ok(FileFacts {
            owner: 1000,
            group: 1000,
            mode: 0o600,
            hard_links: 1,
            identity: (1, version),
            size: 0,
            modified: 0,
            changed: 0,
            link_target: None,
        })
    }

    fn list(&self, dir: &Path) -> Result<Vec<OsString>, ReadError> {
        Err(ReadError::Missing(dir.to_path_buf()))
    }

    fn exists(&self, _: &Path) -> bool {
        true
    }
}
