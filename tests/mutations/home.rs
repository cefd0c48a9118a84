//! A home in memory: written, captured, changed, judged.

use mcpwatch::baseline::{Baseline, template};
use mcpwatch::check::{Acceptance, Place, Reader, Report, Vendors, World, acceptance, capture, check};
use mcpwatch::host::clock::FixedClock;
use mcpwatch::host::fake::FakeFiles;
use mcpwatch::host::files::Files;
use mcpwatch::model::approval::Approval;
use mcpwatch::surface::claude_code::Layout;
use std::path::Path;

pub(crate) const CLAUDE_JSON: &str = "/h/.claude.json";
pub(crate) const SETTINGS: &str = "/h/.claude/settings.json";

pub(crate) struct Home {
    pub(crate) files: FakeFiles,
    pub(crate) layout: Layout,
    pub(crate) baseline: Baseline,
    clock: FixedClock,
    reader: Reader,
}

impl Home {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let home = Self {
            files: FakeFiles::new(),
            layout: Layout::of_home("/h"),
            baseline: Baseline::default(),
            clock: FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap()),
            reader: Reader::new(1 << 26),
        };
        home.files.directory("/h/p");
        home.write(files);
        home
    }

    /// One that was captured.
    pub(crate) fn captured(files: &[(&str, &str)]) -> Self {
        let mut home = Self::with(files);
        home.capture();
        home
    }

    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        for (file, content) in files {
            self.files.write(file, *content);
        }
    }

    pub(crate) fn capture(&mut self) {
        let report = self.report();
        let accepted = capture(&report, &self.baseline);
        self.approve(accepted);
    }

    /// Puts a template in force.
    pub(crate) fn template(&mut self, text: &str) {
        let parsed = template::parse(text.as_bytes().to_vec(), Path::new("/etc/mcpwatch/baselines/t.json"));
        assert!(parsed.template.is_some(), "{:?}", parsed.problems);
        self.baseline.templates.extend(parsed.template);
    }

    pub(crate) fn report(&mut self) -> Report {
        let files = &self.files;
        let exists = |path: &Path| files.exists(path);
        let vendors = Vendors::default();
        let world =
            World { owner: Some(1000), is_private_group: &|_| true, exists: &exists, vendors: &vendors };
        let place = Place { files, clock: &self.clock, layout: &self.layout, baseline: &self.baseline };
        check(&mut self.reader, place, &world)
    }

    /// Approves everything that stands, as `approve --all` does.
    pub(crate) fn approve_all(&mut self) {
        let report = self.report();
        let accepted =
            report.judgements.iter().flat_map(|judgement| acceptance(judgement, &report)).collect();
        self.approve(accepted);
    }

    fn approve(&mut self, accepted: Vec<Acceptance>) {
        for one in accepted {
            self.baseline.approvals.retain(|approval| approval.subject != one.subject);
            let id = self.baseline.approvals.iter().map(|approval| approval.id).max().unwrap_or(0) + 1;
            self.baseline.approvals.push(Approval {
                id,
                home: std::path::Path::new("/h").into(),
                subject: one.subject,
                content: one.content,
                raw: one.raw,
                file: one.file.into(),
                by: "dev".into(),
                uid: Some(1000),
                at: "".into(),
                reason: None,
                expires: None,
                event: None,
            });
        }
    }

    /// `kind:level` of every drift, the gravest first, then by name.
    pub(crate) fn says(&mut self) -> String {
        let mut drifts: Vec<_> = self
            .report()
            .judgements
            .iter()
            .flat_map(|judgement| &judgement.drifts)
            .map(|drift| (std::cmp::Reverse(drift.level), format!("{}:{}", drift.kind, drift.level)))
            .collect();
        drifts.sort();
        drifts.into_iter().map(|(_, drift)| drift).collect::<Vec<_>>().join(" ")
    }
}

/// Holds answers against expectations, and shows all that differ.
pub(crate) struct Table(Vec<String>, usize);

impl Table {
    pub(crate) fn new() -> Self {
        Self(Vec::new(), 0)
    }

    pub(crate) fn expect(&mut self, case: &str, said: &str, expected: &str) {
        self.1 += 1;
        if said != expected {
            self.0.push(format!("{case}\n      said: {said}\n  expected: {expected}"));
        }
    }

    pub(crate) fn done(self) {
        assert!(self.0.is_empty(), "{} of {}:\n{}", self.0.len(), self.1, self.0.join("\n"));
    }
}

/// Mutations of one entry of the user's: what is said when `before` becomes `after`.
pub(crate) fn entry_becomes(before: &str, cases: &[(&str, &str)]) {
    let mut table = Table::new();
    for (after, expected) in cases {
        let document = |entry: &str| format!(r#"{{"mcpServers":{{"s":{entry}}}}}"#);
        let mut home = Home::captured(&[(CLAUDE_JSON, &document(before))]);
        home.approve_all(); // what the lint finds about the state before is not what is looked at
        assert_eq!(home.says(), "", "{before}");
        home.write(&[(CLAUDE_JSON, &document(after))]);
        table.expect(after, &home.says(), expected);
    }
    table.done();
}

/// Mutations of one file: what is said when `before` becomes `after`.
pub(crate) fn file_becomes(others: &[(&str, &str)], file: &str, cases: &[(&str, &str, &str)]) {
    let mut table = Table::new();
    for (before, after, expected) in cases {
        let mut home = Home::with(others);
        home.write(&[(file, before)]);
        home.capture();
        home.approve_all();
        assert_eq!(home.says(), "", "{before}");
        home.write(&[(file, after)]);
        table.expect(&format!("{before} → {after}"), &home.says(), expected);
    }
    table.done();
}
