//! Reading only what was touched, held against reading everything anew.

use super::*;
use crate::baseline::Baseline;
use crate::host::clock::FixedClock;
use crate::host::fake::FakeFiles;
use crate::model::inventory::Inventory;
use crate::surface::claude_code::Layout;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;

const FILES: [&str; 6] = [
    "/h/.claude.json",
    "/h/.claude/settings.json",
    "/h/p/.mcp.json",
    "/h/q/.mcp.json",
    "/h/p/.claude/settings.local.json",
    "/h/p/run.sh",
];

const TEXTS: [&str; 9] = [
    r#"{"mcpServers":{"a":{"type":"http","url":"https://a.example/mcp"}},"projects":{"/h/p":{}}}"#,
    r#"{"n": 7, "projects":{"/h/p":{"history":[1,2]}}, "mcpServers":{"a":{"type":"http","url":"https://a.example/mcp"}}}"#,
    r#"{"mcpServers":{"a":{"type":"http","url":"https://b.example/mcp"}},"projects":{"/h/p":{},"/h/q":{}}}"#,
    r#"{"projects":{"/h/q":{"hasTrustDialogAccepted":true}}}"#,
    r#"{"mcpServers":{"s":{"command":"/h/p/run.sh"}}}"#,
    r#"{"enableAllProjectMcpServers":true,"env":{"A":"b"}}"#,
    r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"/h/p/run.sh"}]}]}}"#,
    "{\"mcpServers\":",
    "",
];

/// All that is judged: neither inodes nor times, and not where in a file something stands.
fn judged(mut inventory: Inventory) -> Inventory {
    for surface in &mut inventory.surfaces {
        if let Some(facts) = &mut surface.facts {
            (facts.identity, facts.size, facts.modified, facts.changed) = ((0, 0), 0, 0, 0);
        }
    }
    inventory.servers.iter_mut().for_each(|server| server.offset = 0);
    inventory
}

proptest! {
    #[test]
    fn what_was_touched_is_enough(edits in prop::collection::vec((0..FILES.len(), 0..=TEXTS.len()), 1..12)) {
        let files = FakeFiles::new();
        let (clock, layout, baseline) =
            (FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap()), Layout::of_home("/h"), Baseline::default());
        let place = Place { files: &files, clock: &clock, layout: &layout, baseline: &baseline };
        let mut reader = Reader::without_waiting(1 << 20);
        let mut known = judged(reader.read(place).inventory);
        let mut was_broken = false;
        for (file, text) in edits {
            let path = FILES[file];
            match TEXTS.get(text) {
                Some(text) => files.write(path, *text),
                None if crate::host::files::Files::exists(&files, path.as_ref()) => files.remove(path),
                None => {}
            }
            let touched: BTreeSet<PathBuf> = [path.into()].into();
            if let Some(reading) = reader.read_again(place, &touched) {
                known = judged(reading.inventory);
            }
            // What a file said before it became unparsable only a reader knows that was here then.
            was_broken |= text + 2 >= TEXTS.len() && text < TEXTS.len();
            if !was_broken {
                let fresh = Reader::without_waiting(1 << 20).read(place).inventory;
                prop_assert_eq!(&known, &judged(fresh));
            }
            let everything = judged(reader.read(place).inventory);
            prop_assert_eq!(&known, &everything);
            let looked_at: BTreeSet<PathBuf> = reader.looked_at().map(|file| file.to_path_buf()).collect();
            for surface in &everything.surfaces {
                prop_assert!(looked_at.contains(&*surface.surface.file));
            }
        }
    }
}

#[test]
fn a_rewrite_that_says_the_same_is_no_news_and_one_that_does_not_is() {
    let files = FakeFiles::new();
    let (clock, layout, baseline) =
        (FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap()), Layout::of_home("/h"), Baseline::default());
    let place = Place { files: &files, clock: &clock, layout: &layout, baseline: &baseline };
    let touched: BTreeSet<PathBuf> = [FILES[0].into()].into();
    let mut reader = Reader::without_waiting(1 << 20);
    files.write(FILES[0], TEXTS[0]);
    assert!(reader.read(place).is_new_way);
    assert!(!reader.read(place).is_new_way);
    files.write(FILES[0], TEXTS[1]);
    assert!(reader.read_again(place, &touched).is_none());
    files.write(FILES[0], TEXTS[2]);
    assert!(reader.read_again(place, &touched).unwrap().is_new_way, "another project");
    files.write(FILES[0], TEXTS[7]);
    assert!(reader.read_again(place, &touched).is_some());
    files.write(FILES[0], TEXTS[7]);
    assert!(reader.read_again(place, &touched).is_none(), "still the same trouble");
    files.change_facts(FILES[0], |facts| facts.mode = 0o666);
    assert!(reader.read_again(place, &touched).is_some());
}

#[test]
fn a_file_is_as_it_was_read_only_where_nobody_can_write_it_by_another_name() {
    let files = FakeFiles::new();
    let (clock, layout, baseline) =
        (FixedClock::at("2026-03-01T12:00:00Z".parse().unwrap()), Layout::of_home("/h"), Baseline::default());
    let place = Place { files: &files, clock: &clock, layout: &layout, baseline: &baseline };
    let touched = |file: &str| BTreeSet::from([PathBuf::from(file)]);
    let mut reader = Reader::without_waiting(1 << 20);
    assert!(!reader.is_as_read(place, &touched(FILES[0])), "nothing was read");
    files.write(FILES[0], TEXTS[3]);
    let _first = reader.read(place);
    assert!(reader.is_as_read(place, &touched(FILES[0])));
    assert!(reader.is_as_read(place, &touched(FILES[1])), "it is not there, and was not");
    assert!(!reader.is_as_read(place, &touched("/h/elsewhere")), "nobody reads that");
    files.write(FILES[0], TEXTS[4]);
    assert!(!reader.is_as_read(place, &touched(FILES[0])));
    let _again = reader.read_again(place, &touched(FILES[0]));
    assert!(reader.is_as_read(place, &touched(FILES[0])));
    files.change_facts(FILES[0], |facts| facts.hard_links = 2);
    let _again = reader.read_again(place, &touched(FILES[0]));
    assert!(!reader.is_as_read(place, &touched(FILES[0])), "it has another name");
    files.remove(FILES[0]);
    assert!(!reader.is_as_read(place, &touched(FILES[0])));
}
