//! Replays the seeds of every fuzz target, so that they never rot.

#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "common/config_parse.rs"]
mod config_parse;
#[path = "common/export_lines.rs"]
mod export_lines;
#[path = "common/fanotify_event.rs"]
mod fanotify_event;
#[path = "common/home_check.rs"]
mod home_check;
#[path = "common/json_read.rs"]
mod json_read;
#[path = "common/masking.rs"]
mod masking;
#[path = "common/proc_event.rs"]
mod proc_event;
#[path = "common/provenance_judge.rs"]
mod provenance_judge;
#[path = "common/receipt_parse.rs"]
mod receipt_parse;
#[path = "common/rules_load.rs"]
mod rules_load;
#[path = "common/splice.rs"]
mod splice;
#[path = "common/template_parse.rs"]
mod template_parse;
#[path = "common/text_shown.rs"]
mod text_shown;
#[path = "common/variables_expand.rs"]
mod variables_expand;

use std::fs;
use std::path::Path;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 14] = [
    ("config_parse", config_parse::check),
    ("export_lines", export_lines::check),
    ("fanotify_event", fanotify_event::check),
    ("home_check", home_check::check),
    ("json_read", json_read::check),
    ("masking", masking::check),
    ("proc_event", proc_event::check),
    ("provenance_judge", provenance_judge::check),
    ("receipt_parse", receipt_parse::check),
    ("rules_load", rules_load::check),
    ("splice", splice::check),
    ("template_parse", template_parse::check),
    ("text_shown", text_shown::check),
    ("variables_expand", variables_expand::check),
];

/// Every file of a folder, in the order of their names.
fn documents(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| unreachable!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no seeds", folder.display());
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn seeds_hold() {
    for (name, check) in TARGETS {
        documents(&format!("fuzz/seeds/{name}")).iter().for_each(|bytes| check(bytes));
    }
}

#[test]
fn the_table_is_whole() {
    let mut targets: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, TARGETS.map(|(name, _)| name));
}

#[test]
fn templates_of_the_tests_hold() {
    for folder in ["tests/baselines/good", "tests/baselines/bad"] {
        documents(folder).iter().for_each(|bytes| template_parse::check(bytes));
    }
}

#[test]
fn seeds_of_one_target_hold_in_the_others() {
    for (name, _) in TARGETS {
        for bytes in documents(&format!("fuzz/seeds/{name}")).iter().filter(|bytes| bytes.len() < 1 << 14) {
            TARGETS.iter().for_each(|(_, check)| check(bytes));
        }
    }
}

#[test]
fn deep_and_wide_documents_hold() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"mcpServers\":{\"a\":[", "]}}")] {
        let deep = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        json_read::check(deep.as_bytes());
        json_read::check(&deep.as_bytes()[..deep.len() - 1]);
    }
    let wide: Vec<_> = (0..3_000).map(|i| format!("\"{}\":[{i}]", i % 2_000)).collect();
    json_read::check(format!("{{{}}}", wide.join(",")).as_bytes());
}
