//! What must hold for a home in which one file holds any bytes: it can be captured, and is then silent. Shared by
//! the fuzz target and the replay of its seeds.

use mcpwatch::baseline::Baseline;
use mcpwatch::check::{Acceptance, Place, Reader, Report, Vendors, World, capture, check as check_home};
use mcpwatch::host::clock::FixedClock;
use mcpwatch::host::fake::FakeFiles;
use mcpwatch::host::files::Files;
use mcpwatch::model::approval::Approval;
use mcpwatch::model::digest::Key;
use mcpwatch::model::drift::Source;
use mcpwatch::surface::claude_code::Layout;

/// A file of every format.
const FILES: [&str; 10] = [
    "/h/.claude.json",
    "/h/p/.mcp.json",
    "/h/.claude/settings.json",
    "/h/p/.claude/settings.local.json",
    "/etc/claude-code/managed-mcp.json",
    "/etc/claude-code/managed-settings.json",
    "/h/.claude/plugins/installed_plugins.json",
    "/h/pl/.mcp.json",
    "/h/pl/.claude-plugin/plugin.json",
    "/h/pl/hooks/hooks.json",
];

/// The first byte says which file holds the others.
pub(crate) fn check(bytes: &[u8]) {
    let Some((which, content)) = bytes.split_first() else { return };
    let files = FakeFiles::new();
    files.directory("/h/p");
    files.write(
        "/h/.claude.json",
        r#"{"mcpServers":{"a":{"command":"a"}},"projects":{"/h/p":{"mcpServers":{}}}}"#,
    );
    files.write(
        "/h/.claude/plugins/installed_plugins.json",
        r#"{"version":2,"plugins":{"pl@m":[{"scope":"user","installPath":"/h/pl"}]}}"#,
    );
    files.write(FILES[usize::from(*which) % FILES.len()], content);

    let mut baseline = Baseline::default();
    let found = report(&files, &baseline);
    shown(&found);
    baseline.approvals = capture(&found, &baseline).into_iter().zip(1..).map(approval).collect();
    let again = report(&files, &baseline);
    assert_eq!(again.inventory, found.inventory);
    for judgement in &again.judgements {
        for drift in &judgement.drifts {
            let about = &judgement.subject;
            assert_eq!(drift.source, Source::Lint, "{about:?} differs from its own capture: {drift:?}");
        }
    }
}

fn report(files: &FakeFiles, baseline: &Baseline) -> Report {
    let clock = FixedClock::at("2026-03-01T12:00:00Z".parse().expect("a time"));
    let exists = |path: &std::path::Path| files.exists(path);
    let world = World {
        owner: Some(1000),
        is_private_group: &|_| true,
        exists: &exists,
        vendors: Vendors::of_the_catalogue(),
    };
    let place = Place { files, clock: &clock, layout: &Layout::of_home("/h"), baseline };
    check_home(&mut Reader::new(1 << 20), place, &world)
}

/// Everything that a command may print can be made.
fn shown(report: &Report) {
    let key = Key::from_bytes([7; 32]);
    for judgement in &report.judgements {
        for value in judgement.expected.iter().chain(&judgement.observed) {
            let _ = value.shown(&key);
        }
        for drift in &judgement.drifts {
            for text in drift.expected.iter().chain(&drift.observed) {
                let _ = text.shown(&key);
            }
        }
    }
}

fn approval((accepted, id): (Acceptance, i64)) -> Approval {
    Approval {
        id,
        home: std::path::Path::new("/h").into(),
        subject: accepted.subject,
        content: accepted.content,
        raw: accepted.raw,
        file: accepted.file.into(),
        by: "dev".into(),
        uid: Some(1000),
        at: "".into(),
        reason: None,
        expires: None,
        event: None,
    }
}
