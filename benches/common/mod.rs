//! What the benches share: a home as a busy developer has it, and how time and memory are taken.
#![allow(dead_code, reason = "no bench needs all of it")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What histories are made of. Chinese text costs three bytes a character and is validated the hard way.
pub(crate) const ASCII: &str = "abcdefghij klmnopqrst\\n\\\" ";
pub(crate) const CHINESE: &str = "配置文件完整性监视器 \\n\\\" 服务器";

/// A `~/.claude.json` to be made.
pub(crate) struct Sample<'a> {
    /// What histories are made of.
    pub(crate) words: &'a str,
    /// How many projects it names.
    pub(crate) projects: usize,
    /// How many prompts the history of each holds.
    pub(crate) prompts: usize,
    /// The directory that holds the projects.
    pub(crate) root: &'a str,
}

impl Sample<'_> {
    /// 500 projects, about 15 MB.
    pub(crate) fn large(words: &str) -> Sample<'_> {
        Sample { words, projects: 500, prompts: 100, root: "/home/dev/work" }
    }

    /// The document, as the client writes it: 20 servers, and one more in each tenth project.
    pub(crate) fn claude_json(&self) -> Vec<u8> {
        let mut out = String::from(
            "{\n  \"numStartups\": 412,\n  \"tipsHistory\": {\n    \"a\": 1\n  },\n  \"mcpServers\": {",
        );
        let servers = (0..20).map(|i| {
            format!(
                "\n    \"srv{i}\": {{\n      \"type\": \"http\",\n      \"url\": \"https://mcp{i}.example.com/mcp\",\n      \
                 \"headers\": {{\n        \"Authorization\": \"Bearer ${{T}}\"\n      }}\n    }}"
            )
        });
        out.push_str(&servers.collect::<Vec<_>>().join(","));
        out.push_str("\n  },\n  \"projects\": {");
        for project in 0..self.projects {
            self.project(project, &mut out);
        }
        out.push_str("\n  },\n  \"oauthAccount\": {\n    \"emailAddress\": \"a@b.c\"\n  }\n}");
        out.into_bytes()
    }

    /// The directory of a project.
    pub(crate) fn directory(&self, project: usize) -> String {
        format!("{}/project-{project}", self.root)
    }

    fn project(&self, project: usize, out: &mut String) {
        let lengths = [20, 120, 200, 310, 400];
        let repeated = self.words.repeat(20);
        let step = self.words.len();
        let comma = if project > 0 { "," } else { "" };
        let directory = self.directory(project);
        let _ = write!(
            out,
            "{comma}\n    \"{directory}\": {{\n      \"allowedTools\": [],\n      \"history\": ["
        );
        for (prompt, length) in lengths.iter().cycle().take(self.prompts).enumerate() {
            let comma = if prompt > 0 { "," } else { "" };
            let display = repeated.get(..(length / step).max(1) * step).unwrap_or_default();
            let _ = write!(
                out,
                "{comma}\n        {{\n          \"display\": \"{display}\",\n          \"pastedContents\": {{}}\n        }}"
            );
        }
        let linear = r#""linear": {"type": "http", "url": "https://mcp.linear.app/mcp"}"#;
        let servers = if project.is_multiple_of(10) { linear } else { "" };
        let _ = write!(
            out,
            "\n      ],\n      \"mcpContextUris\": [],\n      \"mcpServers\": {{{servers}}},\n      \"enabledMcpjsonServers\": [],\n      \
             \"disabledMcpjsonServers\": [],\n      \"hasTrustDialogAccepted\": true,\n      \"lastCost\": 0.5,\n      \
             \"lastSessionId\": \"x\"\n    }}"
        );
    }
}

/// The shortest of `times` runs, which noise of the machine can only lengthen.
pub(crate) fn best<I, O>(
    times: usize,
    mut input: impl FnMut() -> I,
    mut run: impl FnMut(I) -> O,
) -> Duration {
    let times = (0..times).map(|_| {
        let input = input();
        let start = Instant::now();
        let output = black_box(run(black_box(input)));
        let time = start.elapsed();
        drop(output);
        time
    });
    times.min().unwrap_or_default()
}
