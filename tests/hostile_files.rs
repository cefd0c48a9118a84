//! A configuration file that is a trap: whatever lies there, `diff` says so, ends at once and changes nothing.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use support::Scratch;

const HOME: &str = r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}}}"#;

fn captured() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch.expect(0, &["baseline", "capture"]);
    fs::remove_file(scratch.claude_json()).unwrap();
    scratch
}

fn unreadable(set: impl FnOnce(&std::path::Path)) {
    let scratch = captured();
    set(&scratch.claude_json());
    assert_eq!(scratch.drifts(), ["config-unreadable file"], "and not that its server is gone");
    let mut watch = scratch.watch(&[]);
    watch.line_with(&["config-unreadable"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
    // A capture cannot bless what it cannot read.
    scratch.expect(1, &["baseline", "capture"]);
    assert_eq!(scratch.drifts(), ["config-unreadable file"]);
}

#[test]
fn a_directory() {
    unreadable(|path| fs::create_dir(path).unwrap());
}

#[test]
fn a_named_pipe() {
    unreadable(|path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()));
}

#[test]
fn a_link_to_a_device() {
    unreadable(|path| symlink("/dev/zero", path).unwrap());
}

#[test]
fn a_link_to_itself() {
    unreadable(|path| symlink(path, path).unwrap());
}

#[test]
fn a_sparse_file_of_a_terabyte() {
    unreadable(|path| fs::File::create(path).unwrap().set_len(1 << 40).unwrap());
}

#[test]
fn a_file_that_may_not_be_read() {
    if fs::metadata("/root").is_ok_and(|_| fs::read_dir("/root").is_ok()) {
        eprintln!("not run: root may read everything");
        return;
    }
    unreadable(|path| {
        fs::write(path, HOME).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    });
}

#[test]
fn documents_that_would_exhaust_a_careless_reader() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    for (name, document, drifts) in [
        ("300,000 levels, skipped", format!(r#"{{"x":{},{}"#, deep(300_000), &HOME[1..]), vec![]),
        (
            "300,000 levels in an entry",
            HOME.replace(r#""url""#, &format!(r#""x":{},"url""#, deep(300_000))),
            vec!["field-changed linear"],
        ),
        (
            "100,000 duplicates",
            format!(r#"{{{}{}"#, r#""mcpServers":{},"#.repeat(100_000), &HOME[1..]),
            vec!["duplicate-key mcpServers"],
        ),
        ("half a document", HOME[..40].to_owned(), vec!["config-unparsable file"]),
        ("no JSON at all", "\u{0}\u{1}\u{1b}[2J".to_owned(), vec!["config-unparsable file"]),
        ("nothing", String::new(), vec!["config-unparsable file"]),
    ] {
        let scratch = captured();
        scratch.write(".claude.json", &document);
        let mut found = scratch.drifts();
        found.dedup();
        assert_eq!(found, drifts, "{name}");
        assert_eq!(
            fs::read_to_string(scratch.claude_json()).unwrap(),
            document,
            "{name}: nothing was changed"
        );
    }
}

#[test]
fn giant_values_do_not_fill_the_screen_and_are_whole_in_json() {
    let scratch = captured();
    let giant = "x".repeat(500_000);
    let mut servers: Vec<String> =
        (0..400).map(|number| format!("\"s{number}\":{{\"command\":\"/bin/s{number}\"}}")).collect();
    servers.push(format!("\"giant\":{{\"command\":\"/opt/{giant}/end\"}}"));
    scratch.write(".claude.json", &format!("{{\"mcpServers\":{{{}}}}}", servers.join(",")));
    let text = scratch.expect(1, &["diff"]);
    assert!(text.len() < 500_000, "{}", text.len());
    assert!(
        text.contains("were left out") && text.contains("diff --format json"),
        "what is left out is said"
    );
    let one = scratch.expect(1, &["diff", "giant"]).split_whitespace().collect::<String>();
    assert!(one.len() < 50_000 && one.contains("charactersleftout") && one.contains("/end"), "{}", one.len());
    let json = scratch.expect(1, &["diff", "--format", "json"]);
    assert!(json.contains("\"s399\"") && json.contains("\"giant\""));
    scratch.expect(0, &["approve", "giant"]);
    scratch.write(
        ".claude.json",
        &format!("{{\"mcpServers\":{{{}}}}}", servers.join(",")).replace("xx/end", "y/end"),
    );
    let changed = scratch.expect(1, &["diff", "giant", "--format", "json"]);
    assert!(changed.contains(&giant[2..]), "the evidence is whole");
}
