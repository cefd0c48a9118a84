//! The `mcpwatch` object of a template: what Claude Code has no words for. Unknown keys are errors here, since
//! nobody else could have meant them.

use super::allows_by_name;
use super::problem::{Severity, quote};
use super::reader::{Reader, nearest};
use crate::json::{Node, Object};
use crate::model::surface::{Client, Scope};
use crate::model::template::{Template, Unlisted};

const KEYS: [&str; 7] = ["name", "version", "clients", "scopes", "required", "unlisted", "settings"];

/// Every client that templates may name.
const CLIENTS: [Client; 1] = [Client::ClaudeCode];

/// 2^53: the greatest number up to which JavaScript counts exactly.
const GREATEST: f64 = 9_007_199_254_740_992.0;

impl Reader<'_> {
    /// Reads the object into the template, whose servers and lists have been read.
    pub(super) fn own(&mut self, node: &Node, template: &mut Template) {
        let Some(own) = self.object(node, &["mcpwatch"], "\"mcpwatch\"") else { return };
        self.known_keys(own);
        if let Some(node) = own.get("name")
            && let Some(name) = self.string(node, &["mcpwatch", "name"], "\"name\"")
        {
            if name.trim().is_empty() {
                self.error(node, &["mcpwatch", "name"], "the name must not be empty");
            }
            template.name = name.to_owned();
        }
        if let Some(node) = own.get("version") {
            template.version = self.version(node);
        }
        if let Some(node) = own.get("clients") {
            let known = CLIENTS.map(Client::as_str);
            self.words(node, "clients", "client", &known);
        }
        if let Some(node) = own.get("scopes") {
            let known = Scope::ALL.map(Scope::as_str);
            let words = self.words(node, "scopes", "scope", &known);
            template.scopes = words.into_iter().filter_map(Scope::from_word).collect();
        }
        if let Some(node) = own.get("unlisted") {
            template.unlisted = self.unlisted(node).unwrap_or_default();
        }
        if let Some(node) = own.get("settings") {
            template.settings = self.settings(node);
        }
        if let Some(node) = own.get("required") {
            self.required(node, template);
        }
    }

    fn known_keys(&mut self, own: &Object) {
        for member in own.members().iter().filter(|member| !KEYS.contains(&&*member.name)) {
            let name = &*member.name;
            let sentence = format!("{} is no key of \"mcpwatch\"", quote(name));
            let noted = self.note(Severity::Error, member.key.start, &["mcpwatch", name], sentence);
            match nearest(name, KEYS) {
                Some(near) => noted.remedy(format!("did you mean \"{near}\"?")),
                None => noted.remedy(format!("it may have {}", KEYS.join(", "))),
            }
        }
    }

    fn version(&mut self, node: &Node) -> Option<u64> {
        let path = ["mcpwatch", "version"];
        let Some(number) = node.as_number() else {
            self.wrong_type(node, &path, "\"version\"", "a whole number");
            return None;
        };
        if number.fract() != 0.0 || !(0.0..=GREATEST).contains(&number) {
            self.error(node, &path, "the version must be a whole number, 0 or greater");
            return None;
        }
        Some(number as u64)
    }

    /// A list of words of which each must be known, and which is not empty.
    fn words<'n>(&mut self, node: &'n Node, key: &str, what: &str, known: &[&str]) -> Vec<&'n str> {
        let path = ["mcpwatch", key];
        let words = self.strings(node, &path, &quote(key));
        if node.as_list().is_some_and(<[Node]>::is_empty) {
            self.error(node, &path, format!("without any {what} the template would never hold"))
                .remedy("leave the key out to get the default");
        }
        for (node, word) in &words {
            if !known.contains(word) {
                let noted = self.error(node, &path, format!("there is no {what} of that name"));
                noted.remedy(one_of(word, known));
            }
        }
        words.into_iter().map(|(_, word)| word).collect()
    }

    fn unlisted(&mut self, node: &Node) -> Option<Unlisted> {
        let path = ["mcpwatch", "unlisted"];
        match self.string(node, &path, "\"unlisted\"")? {
            "deny" => Some(Unlisted::Deny),
            "approve" => Some(Unlisted::Approve),
            other => {
                self.error(node, &path, "\"unlisted\" must be \"deny\" or \"approve\"")
                    .remedy(one_of(other, &["deny", "approve"]));
                None
            }
        }
    }

    fn required(&mut self, node: &Node, template: &mut Template) {
        for (node, name) in self.strings(node, &["mcpwatch", "required"], "\"required\"") {
            if !template.servers.contains_key(name) && !allows_by_name(template, name) {
                let sentence =
                    format!("the server {} is required, and nothing here says what it is", quote(name));
                self.warn(node, &["mcpwatch", "required"], sentence).remedy("add it to \"mcpServers\"");
            }
            template.required.insert(name.to_owned());
        }
    }
}

fn one_of(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("write one of {}", known.join(", ")),
    }
}
