//! The allow and deny lists of a template. Knows what the client accepts there, and what it accepts and never
//! matches.

use super::problem::{Severity, quote};
use super::reader::{Reader, nearest};
use crate::baseline::url_pattern::UrlPattern;
use crate::json::{Node, Object};
use crate::model::template::Pattern;
use crate::model::variables::Variables;

/// The keys of which an entry has exactly one.
const KEYS: [&str; 3] = ["serverName", "serverCommand", "serverUrl"];

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Allowed,
    Denied,
}

impl List {
    fn key(self) -> &'static str {
        match self {
            Self::Allowed => "allowedMcpServers",
            Self::Denied => "deniedMcpServers",
        }
    }
}

impl Reader<'_> {
    /// Reads one list.
    pub(super) fn list(&mut self, node: &Node, list: List) -> Vec<Pattern> {
        let entries = self.list_of(node, &[list.key()], &quote(list.key()));
        let mut patterns = Vec::with_capacity(entries.len());
        for (position, node) in entries.iter().enumerate() {
            let position = position.to_string();
            let path = [list.key(), position.as_str()];
            let Some(entry) = self.object(node, &path, "an entry") else { continue };
            self.unknown_keys(entry, &path);
            patterns.extend(self.pattern(node, entry, &path, list));
        }
        patterns
    }

    fn unknown_keys(&mut self, entry: &Object, path: &[&str]) {
        for member in entry.members().iter().filter(|member| !KEYS.contains(&&*member.name)) {
            let name = &*member.name;
            let path: Vec<&str> = path.iter().copied().chain([name]).collect();
            let sentence = format!("{} is no key of such an entry; the client ignores it", quote(name));
            let noted = self.note(Severity::Warning, member.key.start, &path, sentence);
            if let Some(near) = nearest(name, KEYS) {
                noted.remedy(format!("did you mean \"{near}\"?"));
            }
        }
    }

    fn pattern(&mut self, node: &Node, entry: &Object, path: &[&str], list: List) -> Option<Pattern> {
        let mut given = KEYS.into_iter().filter_map(|key| Some((key, entry.get(key)?)));
        let (Some((key, value)), None) = (given.next(), given.next()) else {
            let sentence = "an entry must have exactly one of serverName, serverCommand and serverUrl";
            self.error(node, path, sentence).remedy("write one entry for each");
            return None;
        };
        let path: Vec<&str> = path.iter().copied().chain([key]).collect();
        match key {
            "serverName" => self.server_name(value, &path, list),
            "serverCommand" => self.server_command(value, &path),
            _ => self.server_url(value, &path, list),
        }
    }

    fn server_name(&mut self, node: &Node, path: &[&str], list: List) -> Option<Pattern> {
        let name = self.string(node, path, "\"serverName\"")?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.contains('*') {
            self.error(node, path, "a serverName is compared as it is written: * stands for nothing")
                .remedy("name each server, or use serverUrl");
        } else if name.trim().is_empty() || name.trim() != name {
            self.error(node, path, "a serverName is not empty and has no blanks around it");
        } else if list == List::Allowed && !name.chars().all(is_word) {
            let sentence = "the client takes only letters, digits, - and _ in a serverName that it allows";
            self.error(node, path, sentence).remedy("allow it by serverUrl or serverCommand");
        }
        Some(Pattern::Name(name.to_owned()))
    }

    fn server_command(&mut self, node: &Node, path: &[&str]) -> Option<Pattern> {
        let words = self.strings(node, path, "\"serverCommand\"");
        if node.as_list().is_some_and(<[Node]>::is_empty) {
            self.error(node, path, "a serverCommand needs at least the program");
            return None;
        }
        Some(Pattern::Command(words.into_iter().map(|(_, word)| word.to_owned()).collect()))
    }

    fn server_url(&mut self, node: &Node, path: &[&str], list: List) -> Option<Pattern> {
        let pattern = self.string(node, path, "\"serverUrl\"")?;
        let expanded = Variables::default().expand(pattern);
        if !expanded.unknown.is_empty() {
            if list == List::Allowed {
                self.warn(node, path, "it names a variable that only some shell knows, so it allows nothing")
                    .remedy("write the host itself, or a default: ${NAME:-value}");
            }
        } else if UrlPattern::parse(&expanded.value).is_none() {
            self.warn(node, path, "it is no URL with a scheme and a host, so it matches nothing")
                .remedy("begin it with https:// or *://");
        }
        Some(Pattern::Url(pattern.to_owned()))
    }
}
