//! The servers of a template. An entry that the client would skip is an error: it would approve nothing.

use super::problem::quote;
use super::reader::Reader;
use crate::json::{self, Node};
use crate::model::entry::{Entry, Transport};
use std::collections::BTreeMap;

/// Words that `type` may have.
const TYPES: [&str; 5] = ["stdio", "http", "streamable-http", "sse", "ws"];

impl Reader<'_> {
    /// Reads `mcpServers` or `managedMcpServers` into `servers`.
    pub(super) fn servers(&mut self, node: &Node, key: &str, servers: &mut BTreeMap<String, Entry>) {
        let Some(object) = self.object(node, &[key], &quote(key)) else { return };
        for (name, node) in object.iter() {
            let path = [key, name];
            if name.is_empty() {
                self.error(node, &path, "a server needs a name").remedy("name it as the client does");
            }
            let Some(entry) = self.entry(node, &path) else { continue };
            if servers.insert(name.to_owned(), entry).is_some() {
                let sentence = format!("the server {} stands in managedMcpServers too", quote(name));
                self.error(node, &path, sentence).remedy("keep one of the two");
            }
        }
    }

    fn entry(&mut self, node: &Node, path: &[&str]) -> Option<Entry> {
        let object = self.object(node, path, "an entry")?;
        let told_before = self.problems.len();
        let at = |field| -> Vec<&str> { path.iter().copied().chain([field]).collect() };
        for field in ["type", "command", "url", "headersHelper"] {
            if let Some(node) = object.get(field) {
                self.string(node, &at(field), &quote(field));
            }
        }
        if let Some(node) = object.get("args") {
            self.strings(node, &at("args"), "\"args\"");
        }
        for field in ["env", "headers"] {
            if let Some(node) = object.get(field) {
                self.strings_by_name(node, &at(field));
            }
        }
        if let Some(node) = object.get("oauth") {
            self.object(node, &at("oauth"), "\"oauth\"");
        }
        let entry = json::entry::entry(node)?;
        match (&entry.transport, entry.problem()) {
            (Transport::Other(_), _) => {
                // What is no string was told above.
                if let Some(node) = object.get("type").filter(|node| node.as_text().is_some()) {
                    self.error(
                        node,
                        &at("type"),
                        "the client knows no transport of that name and skips the entry",
                    )
                    .remedy(format!("write one of {}", TYPES.join(", ")));
                }
            }
            (Transport::Stdio, Some(_)) if object.get("url").is_some() => {
                self.error(node, path, "it has a url and no remote type, so the client skips it")
                    .remedy("add \"type\": \"http\" (or \"sse\", \"ws\")");
            }
            // Of a field of the wrong type more was told above.
            (_, Some(problem)) if self.problems.len() == told_before => {
                self.error(node, path, format!("{problem}, so the client skips it"));
            }
            _ => {}
        }
        Some(entry)
    }

    fn strings_by_name(&mut self, node: &Node, path: &[&str]) {
        let what = quote(path.last().copied().unwrap_or_default());
        let Some(object) = self.object(node, path, &what) else { return };
        for (name, node) in object.iter() {
            let path: Vec<&str> = path.iter().copied().chain([name]).collect();
            self.string(node, &path, "its value");
        }
    }
}
