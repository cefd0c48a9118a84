//! The real client writes, mcpwatch reads: every way in which `claude mcp` changes a home, in every scope.
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
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Scratch, text};

struct Client {
    binary: PathBuf,
    scratch: Scratch,
    project: PathBuf,
}

impl Client {
    fn new(binary: &Path) -> Self {
        let scratch = Scratch::new();
        let project = scratch.home().join("work/project");
        fs::create_dir_all(&project).unwrap();
        Self { binary: binary.to_path_buf(), scratch, project }
    }

    fn mcp(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.binary)
            .arg("mcp")
            .args(arguments)
            .env_clear()
            .env("HOME", self.scratch.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DISABLE_AUTOUPDATER", "1")
            .current_dir(&self.project)
            .output()
            .unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "claude mcp {arguments:?}: {said}");
        said
    }
}

#[test]
fn what_the_real_client_writes_is_seen_in_every_scope() {
    for binary in support::clients() {
        let client = Client::new(&binary);
        let scratch = &client.scratch;
        client.mcp(&["add", "--transport", "http", "-s", "user", "linear", "https://mcp.linear.app/mcp"]);
        client.mcp(&["add", "-s", "local", "demo", "-e", "FOO=bar", "--", "/bin/true", "--x", "1"]);
        client.mcp(&["add", "-s", "project", "shared", "--", "/bin/true"]);
        scratch.expect(0, &["baseline", "capture"]);
        assert_eq!(scratch.drifts(), Vec::<String>::new(), "right after the capture");

        client.mcp(&["get", "linear"]);
        assert_eq!(scratch.drifts(), Vec::<String>::new(), "the client's own life is silent");

        client.mcp(&["add", "-s", "user", "one", "--", "/bin/true"]);
        client.mcp(&["add-json", "-s", "local", "two", r#"{"type":"sse","url":"https://two.example/sse"}"#]);
        client.mcp(&["add-json", "-s", "project", "three", r#"{"command":"/bin/true","unknown":1}"#]);
        assert_eq!(scratch.drifts(), ["server-added one", "server-added three", "server-added two"]);

        for (scope, name) in [("user", "one"), ("local", "two"), ("project", "three")] {
            client.mcp(&["remove", "-s", scope, name]);
        }
        assert_eq!(scratch.drifts(), Vec::<String>::new(), "what was added is removed again");

        client.mcp(&["remove", "-s", "local", "demo"]);
        client.mcp(&["remove", "-s", "user", "linear"]);
        client.mcp(&[
            "add",
            "--transport",
            "http",
            "-s",
            "user",
            "linear",
            "https://mcp.linear.app.evil.test/mcp",
        ]);
        assert_eq!(
            scratch.drifts(),
            [
                "endpoint-host-changed linear",
                "endpoint-lookalike linear",
                "endpoint-suspicious linear",
                "server-removed demo"
            ]
        );
        client.mcp(&["add", "-s", "local", "shared", "--", "/bin/false"]);
        assert!(scratch.drifts().contains(&"server-shadowed shared".to_owned()), "{:?}", scratch.drifts());
    }
}

/// Documents that parsers disagree about: the client must contact what we say it would.
#[test]
fn the_real_client_and_mcpwatch_read_the_same() {
    for binary in support::clients() {
        for document in [
            r#"{"mcpServers":{"s":{"type":"http","url":"https://first.test/"},"s":{"type":"http","url":"https://SECRET.test/"}}}"#,
            r#"{"mcpServers":{"x":{"command":"x"}},"mcpServers":{"s":{"type":"http","\u0075rl":"https://SECRET.test/"}}}"#,
            "\u{feff}{\"n\":1e999,\"l\":\"\\ud800\",\"mcpServers\":{\"s\":{\"url\":\"https://SECRET.test/\",\"type\":\"http\"}}}",
            r#"{"mcpServers":{"s":{"type":"http","url":"https:\/\/SECRET.test\/"}},"projects":{}}"#,
            r#"{"mcpServers":{"s":{"type":"streamable-http","url":"https://SECRET.test/"}}}"#,
        ] {
            let client = Client::new(&binary);
            client.scratch.write(".claude.json", &document.replace("SECRET", "last"));
            let said = client.mcp(&["get", "s"]);
            assert!(said.contains("https://last.test/"), "the client says:\n{said}");
            client.scratch.expect(0, &["baseline", "capture"]);
            let shown = client.scratch.expect(0, &["baseline", "show", "--format", "json"]);
            assert!(shown.contains("https://last.test/") && !shown.contains("first.test"), "{shown}");
        }
    }
}
