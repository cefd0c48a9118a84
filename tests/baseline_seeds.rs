//! Replays the seeds of the fuzz target `template_parse`, so that they never rot.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]

#[path = "common/template_parse.rs"]
mod template_parse;

use std::fs;
use std::path::Path;

#[test]
fn seeds_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for folder in ["fuzz/seeds/template_parse", "tests/baselines/good", "tests/baselines/bad"] {
        for entry in fs::read_dir(root.join(folder)).expect("the seeds are part of the repository") {
            template_parse::check(&fs::read(entry.unwrap().path()).unwrap());
            count += 1;
        }
    }
    assert!(count >= 25, "only {count} seeds");
}
