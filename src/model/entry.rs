//! One entry of `mcpServers`, canonical: what means the same to the client is equal here.

use crate::model::command::urls_in;
use crate::model::endpoint::Endpoint;
use crate::model::text::Text;
use crate::model::value::{Members, Value};
use crate::model::variables::{Expanded, Variables};
use std::fmt;

/// How the client talks to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A local program over its standard streams; also what a missing `type` means.
    Stdio,
    /// Streamable HTTP (`http`, `streamable-http`).
    Http,
    /// Server-sent events.
    Sse,
    /// A web socket.
    Ws,
    /// A word that the client may or may not know; anything may stand there.
    Other(Text),
}

impl Transport {
    /// What `type` says.
    pub fn from_word(word: Option<&str>) -> Self {
        match word {
            None | Some("stdio") => Self::Stdio,
            Some("http" | "streamable-http") => Self::Http,
            Some("sse") => Self::Sse,
            Some("ws") => Self::Ws,
            Some(other) if is_word(other) => Self::Other(Text::plain(other)),
            Some(other) => Self::Other(Text::secret(other)),
        }
    }

    /// The same for a text that knows what of it is secret.
    pub fn from_text(text: &Text) -> Self {
        match Self::from_word(Some(&text.reveal())) {
            Self::Other(_) => Self::Other(text.clone()),
            known => known,
        }
    }

    /// What to write for it.
    pub fn to_text(&self) -> Text {
        match self {
            Self::Other(word) => word.clone(),
            known => Text::plain(known.to_string()),
        }
    }

    /// Whether the server is reached by URL.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Http | Self::Sse | Self::Ws)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
            Self::Ws => "ws",
            Self::Other(_) => "a type that is not known",
        })
    }
}

/// Whether it has the shape of a type's name: a few small letters, with dashes.
fn is_word(word: &str) -> bool {
    /// The longest that the client knows has 15 letters.
    const LONGEST: usize = 16;
    word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// One entry. `fields` has every key but `type`, canonical: for stdio `args` and `env` always stand there,
/// for remote transports `headers` does.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// How it is talked to.
    pub transport: Transport,
    /// Everything else.
    pub fields: Members,
}

/// What the client would really use, once `${VAR}` is expanded from the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The URL, for remote transports.
    pub url: Option<Expanded>,
    /// The program, for stdio.
    pub command: Option<Expanded>,
    /// The program's arguments.
    pub arguments: Vec<Expanded>,
}

impl Entry {
    /// Completes `fields` (without `type`) as the client does.
    pub fn new(transport: Transport, mut fields: Members) -> Self {
        let implied: &[(&str, Value)] = match transport {
            Transport::Stdio => &[("args", Value::List(Vec::new())), ("env", Value::Object(Members::new()))],
            Transport::Http | Transport::Sse | Transport::Ws => &[("headers", Value::Object(Members::new()))],
            Transport::Other(_) => &[],
        };
        for (name, value) in implied {
            fields.entry((*name).to_owned()).or_insert_with(|| value.clone());
        }
        Self { transport, fields }
    }

    /// The text of a field.
    pub fn text(&self, field: &str) -> Option<&Text> {
        self.fields.get(field)?.as_text()
    }

    /// The raw arguments; what is not a string is left out.
    pub fn arguments(&self) -> Vec<&Text> {
        self.fields
            .get("args")
            .and_then(Value::as_list)
            .into_iter()
            .flatten()
            .filter_map(Value::as_text)
            .collect()
    }

    /// The entry that an approval's content is; `None` for what is none.
    pub fn from_value(content: &Value) -> Option<Self> {
        let mut fields = content.as_object()?.clone();
        let transport = match fields.remove("type") {
            None => Transport::from_word(None),
            Some(word) => Transport::from_text(word.as_text()?),
        };
        Some(Self::new(transport, fields))
    }

    /// Why the client would refuse this entry, or `None` when it would use it.
    pub fn problem(&self) -> Option<&'static str> {
        let filled = |field: &str| self.text(field).is_some_and(|text| !text.reveal().is_empty());
        let is_map_of_words = |field: &str| match self.fields.get(field) {
            None => true,
            Some(value) => {
                value.as_object().is_some_and(|map| map.values().all(|word| word.as_text().is_some()))
            }
        };
        let is_list_of_words = |field: &str| match self.fields.get(field) {
            None => true,
            Some(value) => {
                value.as_list().is_some_and(|list| list.iter().all(|word| word.as_text().is_some()))
            }
        };
        let is_remote = self.transport.is_remote();
        // Each of these was seen on 2.1.329 to cost the entry, and only it.
        match self.transport {
            Transport::Other(_) => Some("its type is not known"),
            Transport::Stdio if !filled("command") => Some("it has neither a command nor a remote type"),
            Transport::Http | Transport::Sse | Transport::Ws if !filled("url") => Some("it has no url"),
            _ if is_remote && !is_map_of_words("headers") => Some("its headers are no strings by name"),
            _ if is_remote && self.fields.get("oauth").is_some_and(|oauth| oauth.as_object().is_none()) => {
                Some("its oauth is no object")
            }
            Transport::Stdio if !is_list_of_words("args") => Some("its args are no list of strings"),
            Transport::Stdio if !is_map_of_words("env") => Some("its env is no object of strings"),
            _ if self.fields.get("timeout").is_some_and(|number| !matches!(number, Value::Number(_))) => {
                Some("its timeout is no number")
            }
            _ => None,
        }
    }

    /// What the client would really use where `variables` hold.
    pub fn effective(&self, variables: &Variables) -> Effective {
        let expand = |text: &Text| variables.expand(&text.reveal());
        let remote = self.transport.is_remote();
        Effective {
            url: self.text("url").filter(|_| remote).map(expand),
            command: self.text("command").filter(|_| !remote).map(expand),
            arguments: if remote { Vec::new() } else { self.arguments().into_iter().map(expand).collect() },
        }
    }

    /// The whole entry as a value, `type` included, as the client would store it.
    pub fn to_value(&self) -> Value {
        let mut members = self.fields.clone();
        members.insert("type".into(), Value::Text(self.transport.to_text()));
        for implied in ["args", "env", "headers"] {
            let empty = match members.get(implied) {
                Some(Value::List(items)) => items.is_empty(),
                Some(Value::Object(object)) => object.is_empty(),
                _ => false,
            };
            if empty {
                members.remove(implied);
            }
        }
        Value::Object(members)
    }
}

impl Effective {
    /// Every place that this server makes the client contact: its URL, or the URLs in its arguments.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let arguments: Vec<String> = self.arguments.iter().map(|argument| argument.value.clone()).collect();
        self.url
            .iter()
            .map(|url| url.value.as_str())
            .chain(urls_in(&arguments))
            .filter_map(Endpoint::parse)
            .collect()
    }

    /// The endpoint, for a remote transport.
    pub fn endpoint(&self) -> Option<Endpoint> {
        Endpoint::parse(&self.url.as_ref()?.value)
    }

    /// Program and arguments in one list, for a stdio transport.
    pub fn command_line(&self) -> Option<Vec<&str>> {
        let command = self.command.as_ref()?;
        Some(std::iter::once(command).chain(&self.arguments).map(|word| word.value.as_str()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_implies_makes_no_difference() {
        let bare = Entry::new(
            Transport::from_word(None),
            Members::from_iter([("command".into(), Value::plain("srv"))]),
        );
        let full = Entry::new(
            Transport::from_word(Some("stdio")),
            Members::from_iter([
                ("command".into(), Value::plain("srv")),
                ("args".into(), Value::List(vec![])),
                ("env".into(), Value::Object(Members::new())),
            ]),
        );
        assert_eq!(bare, full);
        assert_eq!(bare.to_value(), full.to_value());
        assert_eq!(Transport::from_word(Some("streamable-http")), Transport::Http);
    }

    #[test]
    fn url_without_type_is_refused_by_the_client() {
        let entry = Entry::new(
            Transport::from_word(None),
            Members::from_iter([("url".into(), Value::plain("https://x/"))]),
        );
        assert!(entry.problem().is_some());
    }
}
