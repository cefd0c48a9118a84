//! Templates as files: the shipped starter, good ones and bad ones, each against the reader and the schema.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]
#![allow(clippy::disallowed_methods, reason = "a test reads its own files")]

use mcpwatch::baseline::template::{Parsed, Severity, parse};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(kind: &str) -> BTreeMap<String, PathBuf> {
    fs::read_dir(root().join("tests/baselines").join(kind))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect()
}

fn read(path: &Path) -> Parsed {
    parse(fs::read(path).unwrap(), Path::new(path.file_name().unwrap()))
}

/// Whether the schema takes the file; `None` when it is no JSON.
fn is_valid(path: &Path) -> Option<bool> {
    let schema = fs::read_to_string(root().join("baselines/mcpwatch-baseline.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let text = fs::read_to_string(path).unwrap();
    let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    Some(validator.is_valid(&value))
}

#[test]
fn the_schema_is_a_schema() {
    let schema = fs::read_to_string(root().join("baselines/mcpwatch-baseline.schema.json")).unwrap();
    assert!(jsonschema::meta::is_valid(&serde_json::from_str(&schema).unwrap()));
}

#[test]
fn the_starter_and_every_good_file_are_taken_without_a_word() {
    let mut good = files("good");
    good.insert("starter.json".into(), root().join("baselines/starter.json"));
    assert!(good.len() >= 7);
    for (name, path) in good {
        let parsed = read(&path);
        assert_eq!(parsed.problems, [], "{name}");
        assert!(parsed.template.is_some(), "{name}");
        assert_eq!(is_valid(&path), Some(true), "{name} against the schema");
    }
}

/// An error that must be told: line, column, and how the sentence begins.
type Told = (usize, usize, &'static str);

/// Each bad file, with every error that must be told.
const BAD: &[(&str, &[Told])] = &[
    ("duplicate.json", &[(6, 7, "the key \"url\" stands twice, first on line 5")]),
    (
        "empty-command.json",
        &[(1, 45, "a serverCommand needs at least the program"), (1, 78, "each of them must be a string")],
    ),
    ("empty-words.json", &[(1, 27, "without any scope"), (1, 42, "without any client")]),
    (
        "entry-types.json",
        &[
            (3, 36, "\"args\" must be a list, not a string"),
            (3, 59, "its value must be a string, not a number"),
            (4, 67, "\"headers\" must be an object, not a list"),
            (4, 86, "\"oauth\" must be an object, not a boolean"),
        ],
    ),
    ("hostile.json", &[(3, 5, r#""\u{1b}[2J\u{202e}evil" is no key of "mcpwatch""#)]),
    ("no-key.json", &[(3, 5, "an entry must have exactly one")]),
    ("not-an-object.json", &[(1, 1, "a template must be an object, not a list")]),
    (
        "skipped-entries.json",
        &[
            (3, 10, "it has a url and no remote type"),
            (4, 10, "it has neither a command nor a remote type, so the client skips it"),
            (5, 10, "it has no url, so the client skips it"),
            (6, 20, "the client knows no transport of that name"),
            (7, 10, "it has neither a command nor a remote type"),
            (8, 10, "an entry must be an object, not a string"),
        ],
    ),
    ("syntax.json", &[(3, 26, "it is not JSON: ")]),
    ("two-keys.json", &[(3, 5, "an entry must have exactly one")]),
    ("unknown-own-key.json", &[(3, 5, "\"nmae\" is no key"), (4, 5, "\"unlistet\" is no key")]),
    (
        "unknown-setting.json",
        &[(2, 31, "the setting \"apiKeyHelpr\" is not watched"), (2, 60, "\"hooks\" must be an object")],
    ),
    (
        "unknown-words.json",
        &[
            (3, 24, "there is no scope of that name"),
            (4, 17, "there is no client of that name"),
            (5, 17, "\"unlisted\" must be \"deny\" or \"approve\""),
        ],
    ),
    ("version.json", &[(1, 28, "the version must be a whole number")]),
    (
        "wildcard-name.json",
        &[
            (2, 41, "a serverName is compared as it is written"),
            (3, 42, "a serverName is compared as it is written"),
            (3, 65, "the client takes only letters"),
        ],
    ),
    (
        "wrong-types.json",
        &[
            (2, 17, "\"mcpServers\" must be an object, not a list"),
            (3, 24, "\"allowedMcpServers\" must be a list, not an object"),
            (4, 24, "an entry must be an object, not a string"),
            (5, 15, "\"mcpwatch\" must be an object, not a string"),
        ],
    ),
];

#[test]
fn every_bad_file_is_refused_with_every_place() {
    let files = files("bad");
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        BAD.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
    );
    for (name, expected) in BAD {
        let parsed = read(&files[*name]);
        assert!(parsed.template.is_none(), "{name}");
        let told: Vec<_> = parsed.errors().map(|p| (p.line, p.column, p.sentence.clone())).collect();
        assert_eq!(told.len(), expected.len(), "{name}: {told:#?}");
        for ((line, column, sentence), (want_line, want_column, begin)) in told.iter().zip(*expected) {
            assert_eq!((line, column), (want_line, want_column), "{name}: {sentence}");
            assert!(sentence.starts_with(begin), "{name}: {sentence}");
        }
        for problem in &parsed.problems {
            let shown = problem.to_string();
            assert!(shown.starts_with(&format!("{name}:{}:{}: ", problem.line, problem.column)), "{shown}");
            assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
        }
        // A duplicate is gone before a schema sees it.
        assert_eq!(
            is_valid(&files[*name]).unwrap_or_default(),
            *name == "duplicate.json",
            "{name} against the schema"
        );
    }
}

#[test]
fn the_nearest_known_word_is_named() {
    for (name, remedies) in [
        ("unknown-own-key.json", &["did you mean \"name\"?", "did you mean \"unlisted\"?"][..]),
        (
            "unknown-words.json",
            &["did you mean \"project\"?", "did you mean \"claude-code\"?", "write one of deny, approve"],
        ),
        ("no-key.json", &["write one entry for each", "did you mean \"serverUrl\"?"]),
    ] {
        let parsed = read(&files("bad")[name]);
        let told: Vec<_> = parsed.problems.iter().filter_map(|problem| problem.remedy.as_deref()).collect();
        assert_eq!(told, remedies, "{name}");
    }
    let warned = parse(br#"{"mcpServer":{}}"#.to_vec(), Path::new("x.json"));
    assert!(warned.problems.iter().all(|problem| problem.severity == Severity::Warning));
    assert_eq!(warned.problems[0].remedy.as_deref(), Some("did you mean \"mcpServers\"?"));
}
