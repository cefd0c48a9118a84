//! Which endpoint a login was for: the client names each login after the server and a hash of type, address and headers
//! (seen on 2.1.329), so a login is a second witness that an endpoint moved. Keeps nothing of what is hashed.

use crate::json::{self, Node, Shape};
use crate::model::credentials::{Credentials, CredentialsState};
use crate::model::digest::Digest;
use crate::model::drift::Judgement;
use crate::model::text::Text;
use crate::model::value::Value;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// How many digits of the hash stand in the name.
const DIGITS: usize = 16;

/// What the logins say of a server whose endpoint moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Witness {
    /// There is a login for the endpoint as it should be, and none for the one that stands there.
    Former,
    /// There is a login for the endpoint that stands there: its token was given by, or for, that one.
    Current,
}

impl Witness {
    /// The word for it in an event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Former => "former-endpoint",
            Self::Current => "current-endpoint",
        }
    }

    /// The one of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Former, Self::Current].into_iter().find(|witness| witness.as_str() == word)
    }

    /// A sentence for a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Former => {
                "the client's login for it was made at the former endpoint: a second witness that it moved"
            }
            Self::Current => {
                "the client has a login for the endpoint that stands there now: revoke that one too"
            }
        }
    }
}

/// What the logins of a home say of what was judged; of anything but the moved endpoint of a server, nothing.
pub fn of_judgement(judgement: &Judgement, credentials: &[Credentials]) -> Option<Witness> {
    let name = judgement.server.as_deref()?;
    let (expected, observed) = judgement.expected.as_ref().zip(judgement.observed.as_ref())?;
    of(name, expected, observed, judgement.raw.reveal(), credentials)
}

/// What the logins of a home say of a server that should be `expected` and is `observed`. `raw` is the text of the
/// latter, which tells the order of its headers.
pub fn of(
    name: &str,
    expected: &Value,
    observed: &Value,
    raw: &str,
    credentials: &[Credentials],
) -> Option<Witness> {
    let logins: BTreeSet<&str> = credentials.iter().flat_map(logins).collect();
    if logins.is_empty() {
        return None;
    }
    let order = header_names(raw);
    let is_there = |entry| login_names(name, entry, &order).iter().any(|name| logins.contains(name.as_str()));
    match (is_there(expected), is_there(observed)) {
        (_, true) if expected.get("url") != observed.get("url") => Some(Witness::Current),
        (true, false) => Some(Witness::Former),
        _ => None,
    }
}

/// The names of the logins in a file.
pub fn logins(credentials: &Credentials) -> impl Iterator<Item = &str> {
    let shape = match &credentials.state {
        CredentialsState::Sound(shape) => Some(shape),
        _ => None,
    };
    shape.into_iter().flat_map(|shape| shape.logins.iter().map(String::as_str))
}

/// The names that a login for that entry may have: its headers in the order of the text, or by name. None for what
/// is no remote server.
pub fn login_names(name: &str, entry: &Value, order: &[String]) -> Vec<String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_text).map(Text::reveal);
    let (Some(transport), Some(url)) = (text("type"), text("url")) else { return Vec::new() };
    let headers: Vec<(String, String)> = match entry.get("headers") {
        Some(Value::Object(headers)) => headers
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_text()?.reveal())))
            .collect(),
        _ => Vec::new(),
    };
    let mut in_order = headers.clone();
    in_order.sort_by_key(|(name, _)| order.iter().position(|known| known == name).unwrap_or(usize::MAX));
    let mut names = vec![login_name(name, &transport, &url, &in_order)];
    if in_order != headers {
        names.push(login_name(name, &transport, &url, &headers));
    }
    names
}

fn login_name(name: &str, transport: &str, url: &str, headers: &[(String, String)]) -> String {
    // Written member by member: the order counts, and a map would sort them.
    let string = |text: &str| Json::from(text).to_string();
    let headers: Vec<String> =
        headers.iter().map(|(name, value)| format!("{}:{}", string(name), string(value))).collect();
    let text = format!(
        "{{\"type\":{},\"url\":{},\"headers\":{{{}}}}}",
        string(transport),
        string(url),
        headers.join(",")
    );
    format!("{name}|{}", Digest::of(text.as_bytes()).short(DIGITS))
}

/// The names of an entry's headers in the order of its text.
pub fn header_names(raw: &str) -> Vec<String> {
    let document = json::read(raw, &Shape::Members(&[("headers", Shape::EachMember(&Shape::Skip))])).ok();
    let headers = document.as_ref().and_then(|document| document.root.get("headers"));
    let headers = headers.and_then(Node::as_object);
    headers.into_iter().flat_map(|headers| headers.iter().map(|(name, _)| name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::credentials::CredentialsShape;
    use crate::model::masking::mask_value;

    fn entry(text: &str) -> Value {
        let document = json::read(text, &Shape::Whole).unwrap();
        json::entry::value(&document.root, &mask_value)
    }

    fn file(logins: &[&str]) -> [Credentials; 1] {
        let logins = logins.iter().map(ToString::to_string).collect();
        let state = CredentialsState::Sound(CredentialsShape { logins, ..CredentialsShape::default() });
        [Credentials { file: "/f".into(), state, has_account: None }]
    }

    #[test]
    fn a_login_is_named_as_the_client_names_it() {
        // Made by 2.1.329 for `claude mcp add --transport http oa http://127.0.0.1:18994/mcp`.
        let oa = entry(r#"{"type":"http","url":"http://127.0.0.1:18994/mcp"}"#);
        assert_eq!(login_names("oa", &oa, &[]), ["oa|cc738b68c7c43e7e"]);
        assert!(login_names("db", &entry(r#"{"command":"npx"}"#), &[]).is_empty());
    }

    #[test]
    fn headers_count_in_the_order_of_the_text() {
        let raw = r#"{"type":"http","url":"https://x/","headers":{"B":"2","A":"1 \u00e9\n"}}"#;
        assert_eq!(header_names(raw), ["B", "A"]);
        let names = login_names("x", &entry(raw), &header_names(raw));
        let text = "{\"type\":\"http\",\"url\":\"https://x/\",\"headers\":{\"B\":\"2\",\"A\":\"1 é\\n\"}}";
        assert_eq!(names[0], format!("x|{}", Digest::of(text.as_bytes()).short(16)));
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn a_login_witnesses_that_an_endpoint_moved() {
        let good = entry(r#"{"type":"http","url":"http://127.0.0.1:18994/mcp"}"#);
        let evil_text = r#"{"type":"http","url":"https://evil.test/mcp"}"#;
        let evil = entry(evil_text);
        let evil_login = login_names("oa", &evil, &[]).remove(0);
        let says = |logins: &[&str]| of("oa", &good, &evil, evil_text, &file(logins));
        assert_eq!(says(&["oa|cc738b68c7c43e7e"]), Some(Witness::Former));
        assert_eq!(says(&["oa|cc738b68c7c43e7e", &evil_login]), Some(Witness::Current));
        assert_eq!(says(&["other|cc738b68c7c43e7e"]), None);
        assert_eq!(of("oa", &good, &good, "", &file(&["oa|cc738b68c7c43e7e"])), None);
    }
}
