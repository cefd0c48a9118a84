//! The client's own login in the bytes of a credentials file, for keeping it and putting it back. Knows no file.

use super::shape::has_token;
use crate::json::{self, Node, Shape};
use crate::model::secret::Secret;

/// Under this name it stands in the document.
pub const KEY: &str = "claudeAiOauth";

const WANTED: Shape = Shape::Members(&[(
    KEY,
    Shape::Members(&[("accessToken", Shape::Whole), ("refreshToken", Shape::Whole)]),
)]);

/// What a file has in the place of the login.
#[derive(Debug, PartialEq)]
pub enum Place {
    /// A login with a token in it, as it stands there.
    Login(Secret),
    /// Nothing, or a login without any token.
    Free,
    /// The document is none, so that nothing can be put into it.
    Damaged,
}

/// What stands in the place of the login.
pub fn place(bytes: &[u8]) -> Place {
    let text = json::decode(bytes);
    let Ok(document) = json::read(text.as_str(), &WANTED) else { return Place::Damaged };
    if document.root.as_object().is_none() {
        return Place::Damaged;
    }
    let login = document.root.get(KEY).filter(|login| has_token(login));
    let raw = |login: &Node| text.as_str().get(login.span.clone()).map(Secret::new);
    login.and_then(raw).map_or(Place::Free, Place::Login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_taken_as_it_stands() {
        let text = "{\"mcpOAuth\":{}, \"claudeAiOauth\": {\"accessToken\":\"hunter2\", \"x\":[1]} }";
        let found = place(text.as_bytes());
        assert_eq!(found, Place::Login(Secret::new("{\"accessToken\":\"hunter2\", \"x\":[1]}")));
        assert!(!format!("{found:?}").contains("hunter2"));
        for free in ["{}", "{\"claudeAiOauth\":null}", "{\"claudeAiOauth\":{\"accessToken\":\"\"}}"] {
            assert_eq!(place(free.as_bytes()), Place::Free, "{free}");
        }
        for damaged in ["", "[]", "{\"claudeAiOauth\":{\"acc"] {
            assert_eq!(place(damaged.as_bytes()), Place::Damaged, "{damaged:?}");
        }
    }
}
