//! Replays the seeds of the fuzz target, so that they never rot.

#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "common/json_read.rs"]
mod json_read;

use std::fs;
use std::path::Path;

#[test]
fn seeds_hold() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/json_read");
    let mut count = 0;
    for entry in fs::read_dir(&seeds).expect("the seeds are part of the repository") {
        json_read::check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 20, "only {count} seeds in {}", seeds.display());
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
