//! Whether an entry of an allow or deny list matches a server, as Claude Code decides it. Knows nothing of
//! templates, scopes or verdicts.
//!
//! A deny entry matches what is written or what it comes to, so that no spelling slips through. An allow entry
//! matches only what the server certainly comes to: a variable that only some shell knows matches nothing.

use crate::baseline::url_pattern::UrlPattern;
use crate::model::entry::{Effective, Transport};
use crate::model::inventory::Server;
use crate::model::template::Pattern;
use crate::model::value::Value;
use crate::model::variables::{Expanded, Variables};

/// A server as the lists see it.
#[derive(Debug)]
pub struct Candidate<'s> {
    server: &'s Server,
    effective: Effective,
    /// Program and arguments as they are written.
    written: Vec<String>,
    /// Whether every argument is a string: others the client does not take, and we do not see.
    readable: bool,
}

/// Which entries of the allow lists count for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowRule {
    /// Only `serverName`.
    Name,
    /// Only `serverCommand`: it is a local program and the lists have such entries.
    Command,
    /// Only `serverUrl`: it is reached by URL and the lists have such entries.
    Url,
    /// None: the client does not know its transport.
    Nothing,
}

impl<'s> Candidate<'s> {
    /// Prepares a server for being matched against many entries.
    pub fn new(server: &'s Server) -> Self {
        let entry = &server.entry;
        let arguments = entry.arguments();
        let listed = match entry.fields.get("args") {
            None => Some(0),
            Some(Value::List(items)) => Some(items.len()),
            Some(_) => None,
        };
        let written =
            entry.text("command").into_iter().chain(arguments.iter().copied()).map(|t| t.reveal()).collect();
        Self {
            server,
            effective: entry.effective(&server.variables),
            written,
            readable: listed == Some(arguments.len()),
        }
    }

    /// Whether a deny entry matches.
    pub fn is_denied_by(&self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::Name(name) => *name == self.server.name,
            Pattern::Command(words) => self.command_is_denied(words),
            Pattern::Url(pattern) => self.url_is_denied(pattern),
        }
    }

    /// Which entries count, given every entry of every list in force.
    pub fn allow_rule<'p>(&self, mut entries: impl Iterator<Item = &'p Pattern>) -> AllowRule {
        match &self.server.entry.transport {
            Transport::Stdio if entries.any(|entry| matches!(entry, Pattern::Command(_))) => {
                AllowRule::Command
            }
            Transport::Http | Transport::Sse | Transport::Ws
                if entries.any(|entry| matches!(entry, Pattern::Url(_))) =>
            {
                AllowRule::Url
            }
            Transport::Other(_) => AllowRule::Nothing,
            _ => AllowRule::Name,
        }
    }

    /// Whether an allow entry matches, when entries of this `rule` count.
    pub fn is_allowed_by(&self, pattern: &Pattern, rule: AllowRule) -> bool {
        match (rule, pattern) {
            (AllowRule::Name, Pattern::Name(name)) => *name == self.server.name,
            (AllowRule::Command, Pattern::Command(words)) => self.command_is_allowed(words),
            (AllowRule::Url, Pattern::Url(pattern)) => self.url_is_allowed(pattern),
            _ => false,
        }
    }

    fn command_is_denied(&self, words: &[String]) -> bool {
        let Some(effective) = self.effective.command_line() else { return false };
        let expanded = |variables: &Variables| -> Vec<String> {
            words.iter().map(|word| variables.expand(word).value).collect()
        };
        self.written == words
            || effective == words
            || effective == expanded(&Variables::default())
            || effective == expanded(&self.server.variables)
    }

    fn command_is_allowed(&self, words: &[String]) -> bool {
        let Some(effective) = self.effective.command_line() else { return false };
        let certain = self.effective.command.iter().chain(&self.effective.arguments).all(is_known);
        let wanted: Option<Vec<String>> = words.iter().map(|word| known(word)).collect();
        self.readable && certain && wanted.is_some_and(|wanted| effective == wanted)
    }

    fn url_is_denied(&self, pattern: &str) -> bool {
        let Some(effective) = &self.effective.url else { return false };
        let written = self.server.entry.text("url").map(|url| url.reveal()).unwrap_or_default();
        let spellings = [
            pattern.to_owned(),
            Variables::default().expand(pattern).value,
            self.server.variables.expand(pattern).value,
        ];
        spellings.iter().any(|spelling| {
            // A pattern that names a variable may be no URL, and still be word for word the server's.
            *spelling == written
                || UrlPattern::parse(spelling)
                    .is_some_and(|parsed| parsed.matches(&written) || parsed.matches(&effective.value))
        })
    }

    fn url_is_allowed(&self, pattern: &str) -> bool {
        let Some(effective) = self.effective.url.as_ref().filter(|url| is_known(url)) else { return false };
        known(pattern)
            .and_then(|pattern| UrlPattern::parse(&pattern))
            .is_some_and(|parsed| parsed.matches(&effective.value))
    }
}

fn is_known(expanded: &Expanded) -> bool {
    expanded.unknown.is_empty()
}

/// A word of an allow entry. What the settings files of a user say of its variables does not count: they could
/// say anything.
fn known(word: &str) -> Option<String> {
    Some(Variables::default().expand(word)).filter(is_known).map(|expanded| expanded.value)
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
