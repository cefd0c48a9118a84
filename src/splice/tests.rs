//! One entry put in, put right or taken out of documents as people and programs write them.

use super::*;

const PRETTY: &str = r#"{
  "numStartups": 12,
  "mcpServers": {
    "linear": {
      "type": "http",
      "url": "https://mcp.linear.app/mcp"
    },
    "db": {
      "command": "db"
    }
  },
  "projects": {}
}"#;

const LINEAR: &str = "{\n      \"type\": \"http\",\n      \"url\": \"https://mcp.linear.app/mcp\"\n    }";

fn set(text: &str, path: &[&str], value: &str) -> String {
    String::from_utf8(splice(text.as_bytes(), path, Change::Set(value)).unwrap().bytes).unwrap()
}

fn remove(text: &str, path: &[&str]) -> String {
    String::from_utf8(splice(text.as_bytes(), path, Change::Remove).unwrap().bytes).unwrap()
}

#[test]
fn an_entry_is_put_back_as_it_was_byte_for_byte() {
    let tampered = PRETTY.replace("mcp.linear.app", "evil.test").replace("12", "13");
    let spliced = splice(tampered.as_bytes(), &["mcpServers", "linear"], Change::Set(LINEAR)).unwrap();
    assert_eq!(spliced.bytes, PRETTY.replace("12", "13").as_bytes());
    assert_eq!(spliced.changed, "mcp.linear.app".len());
    let same = splice(PRETTY.as_bytes(), &["mcpServers", "linear"], Change::Set(LINEAR)).unwrap();
    assert_eq!((same.bytes.as_slice(), same.changed), (PRETTY.as_bytes(), 0));
}

#[test]
fn what_is_put_in_can_be_taken_out_again() {
    for document in
        [PRETTY.to_owned(), PRETTY.replace('\n', "\r\n"), "{\"mcpServers\":{\"a\": 1, \"b\": 2}}".to_owned()]
    {
        let with = set(&document, &["mcpServers", "x"], "{\"command\":\"c\",\"args\":[]}");
        assert_ne!(with, document);
        assert_eq!(
            with.matches("\r\n").count(),
            if document.contains('\r') { with.matches('\n').count() } else { 0 }
        );
        assert_eq!(remove(&with, &["mcpServers", "x"]), document);
    }
    let with = set(PRETTY, &["mcpServers", "x"], "{\"command\":\"c\",\"args\":[]}");
    assert!(
        with.contains("\n    },\n    \"x\": {\n      \"command\": \"c\",\n      \"args\": []\n    }\n  },"),
        "{with}"
    );
}

#[test]
fn first_middle_last_and_only_members_leave_no_trace() {
    let path = |name| ["s", name];
    let three = "{\n  \"s\": {\n    \"a\": 1,\n    \"b\": [2],\n    \"c\": {}\n  }\n}\n";
    assert_eq!(remove(three, &path("a")), "{\n  \"s\": {\n    \"b\": [2],\n    \"c\": {}\n  }\n}\n");
    assert_eq!(remove(three, &path("b")), "{\n  \"s\": {\n    \"a\": 1,\n    \"c\": {}\n  }\n}\n");
    assert_eq!(remove(three, &path("c")), "{\n  \"s\": {\n    \"a\": 1,\n    \"b\": [2]\n  }\n}\n");
    assert_eq!(remove("{ \"s\": { \"a\": 1 } }", &path("a")), "{ \"s\": {} }");
    assert_eq!(remove("{\"s\":{\"a\":1,\"b\":2}}", &path("a")), "{\"s\":{\"b\":2}}");
    assert_eq!(remove(three, &path("z")), three);
}

#[test]
fn objects_that_are_missing_are_made_as_the_client_would() {
    assert_eq!(
        set(PRETTY, &["projects", "/p", "mcpServers", "x"], "{\"command\":\"c\"}"),
        PRETTY.replace(
            "\"projects\": {}",
            "\"projects\": {\n    \"/p\": {\n      \"mcpServers\": {\n        \"x\": {\n          \"command\": \"c\"\n        }\n      }\n    }\n  }"
        )
    );
    assert_eq!(set("{}", &["a", "b"], "1"), "{\n  \"a\": {\n    \"b\": 1\n  }\n}");
    assert_eq!(set("", &["a"], "[1]"), "{\n  \"a\": [\n    1\n  ]\n}\n");
    assert_eq!(set("{\"a\":{}}", &["a", "b"], "{\n \"c\": 1 }"), "{\"a\":{\"b\":{\"c\":1}}}");
    assert_eq!(
        set("{\n\t\"a\": {}\n}", &["a", "b"], "{\"c\":1}"),
        "{\n\t\"a\": {\n\t\t\"b\": {\n\t\t\t\"c\": 1\n\t\t}\n\t}\n}"
    );
}

#[test]
fn formatting_follows_the_document() {
    let inline = "{ \"mcpServers\": { \"linear\": {\"type\": \"http\", \"url\": \"x\"} } }";
    assert_eq!(
        set(inline, &["mcpServers", "linear"], LINEAR),
        "{ \"mcpServers\": { \"linear\": {\"type\": \"http\", \"url\": \"https://mcp.linear.app/mcp\"} } }"
    );
    // One that was written on one line, into a file that was rewritten since.
    let short = "{\"type\":\"http\",\"url\":\"https://mcp.linear.app/mcp\"}";
    assert_eq!(set(&PRETTY.replace("mcp.linear.app", "x"), &["mcpServers", "linear"], short), PRETTY);
    // And by hand, where others are on one line too.
    let by_hand = "{\n  \"mcpServers\": {\n    \"a\": {\"command\":\"a\"}\n  }\n}";
    assert_eq!(
        set(by_hand, &["mcpServers", "linear"], short),
        by_hand.replace("\"a\"}\n", &format!("\"a\"}},\n    \"linear\": {short}\n"))
    );
    let four = PRETTY.replace("  ", "    ");
    assert_eq!(set(&four.replace("mcp.linear.app", "x"), &["mcpServers", "linear"], LINEAR), four);
}

#[test]
fn of_copies_one_is_left_and_it_says_what_is_wanted() {
    let twice = r#"{"s":{"x":{"a":1},"y":0,"x":{"a":2},"z":1,"\u0078":3}}"#;
    assert_eq!(set(twice, &["s", "x"], "7"), r#"{"s":{"y":0,"z":1,"\u0078":7}}"#);
    assert_eq!(remove(twice, &["s", "x"]), r#"{"s":{"y":0,"z":1}}"#);
    assert_eq!(set(r#"{"s":{"x":1},"s":{"x":2}}"#, &["s", "x"], "7"), r#"{"s":{"x":1},"s":{"x":7}}"#);
    let many = format!("{{{}\"b\":1}}", "\"a\":1,".repeat(MOST_COPIES + 2));
    assert_eq!(splice(many.as_bytes(), &["a"], Change::Remove), Err(SpliceError::TooManyCopies));
}

#[test]
fn marks_and_bytes_that_are_no_text_stay_where_they_are() {
    let bytes = b"\xef\xbb\xbf{\"h\":\"\xff\xe2\x82\",\"s\":{\"x\":1},\"t\":\"\xc0\"}";
    let spliced = splice(bytes, &["s", "x"], Change::Set("22")).unwrap();
    assert_eq!(spliced.bytes, b"\xef\xbb\xbf{\"h\":\"\xff\xe2\x82\",\"s\":{\"x\":22},\"t\":\"\xc0\"}");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let refused = |text: &str, path: &[&str], value: &str| {
        splice(text.as_bytes(), path, Change::Set(value)).unwrap_err()
    };
    assert!(matches!(refused("{", &["a"], "1"), SpliceError::Syntax(_)));
    assert_eq!(refused("[]", &["a"], "1"), SpliceError::NoObject);
    assert_eq!(refused("{\"a\":[]}", &["a", "b"], "1"), SpliceError::NoObject);
    assert_eq!(refused("{}", &["a"], "1,\"b\":2"), SpliceError::NoValue);
    assert_eq!(refused("{}", &[], "1"), SpliceError::NoObject);
}
