//! What documents tell a user to write into the configuration is what the configuration takes, and leads where the
//! receivers of `packaging/siem/` listen.

use mcpwatch::config::{Address, SinkConfig, Target, Transport, parse};
use mcpwatch::model::line::Format;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text below that directory.
fn texts(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The snippets of a text: what is fenced as TOML, and what is indented and begins with a table.
fn snippets(text: &str) -> Vec<String> {
    let fenced = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let mut found: Vec<String> = fenced.collect();
    let mut block = String::new();
    for line in text.lines().chain(["end"]) {
        let inner = line.strip_prefix("    ");
        match inner {
            Some(inner) if !block.is_empty() || inner.starts_with("[[sink]]") => {
                block.push_str(inner);
                block.push('\n');
            }
            _ if block.is_empty() => {}
            _ => found.push(std::mem::take(&mut block)),
        }
    }
    found
}

/// The sinks of every snippet below `packaging/siem`.
fn sinks() -> Vec<SinkConfig> {
    let text = fs::read_to_string(root().join("packaging/siem/README.md")).unwrap();
    snippets(&text).iter().flat_map(|snippet| parse(snippet).unwrap().sinks).collect()
}

fn packaged(name: &str) -> String {
    fs::read_to_string(root().join("packaging/siem").join(name)).unwrap()
}

#[test]
fn every_snippet_is_a_configuration() {
    let mut files = vec![root().join("README.md")];
    texts(&root().join("docs"), &mut files);
    texts(&root().join("packaging/siem"), &mut files);
    let mut count = 0;
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for snippet in snippets(&text) {
            count += 1;
            if let Err(problems) = parse(&snippet) {
                panic!("{}: {problems:?}\n{snippet}", file.display());
            }
        }
    }
    assert!(count > 6, "{count} snippets were found");
}

#[test]
fn a_sink_that_is_shown_leads_where_a_receiver_listens() {
    let mut listened = 0;
    for sink in sinks() {
        let (place, receivers): (String, &[&str]) = match &sink.target {
            Target::File(file) => (
                file.path.display().to_string(),
                match file.format {
                    Format::EcsFlat => &["wazuh/ossec.conf"],
                    _ => &[
                        "rsyslog/file.conf",
                        "syslog-ng/file.conf",
                        "fluent-bit/fluent-bit.yaml",
                        "otel-collector/config.yaml",
                        "splunk/inputs.conf",
                    ],
                },
            ),
            Target::Syslog(syslog) => match &syslog.transport {
                Transport::Tls(Address { port, .. }, _) | Transport::Tcp(Address { port, .. }) => {
                    (port.to_string(), &["rsyslog/receive.conf", "syslog-ng/receive.conf"])
                }
                Transport::Unix(path) => (path.display().to_string(), &["rsyslog/socket.conf"]),
                Transport::Udp(_) => panic!("none of the receivers listens there"),
            },
            Target::Otlp(otlp) => {
                assert!(otlp.url.ends_with("/v1/logs"));
                ("4318".into(), &["otel-collector/config.yaml", "fluent-bit/fluent-bit.yaml"])
            }
            Target::Journald { socket } => {
                assert_eq!(socket, Path::new("/run/systemd/journal/socket"), "where journald listens");
                continue;
            }
            Target::Stdout(_) | Target::Prometheus { .. } => continue,
        };
        for receiver in receivers {
            listened += 1;
            assert!(packaged(receiver).contains(&place), "{receiver} says nothing of {place}");
        }
    }
    assert!(listened > 10);
}
