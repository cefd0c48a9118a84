//! Bytes to shape. Keeps nothing of a token, and says of it only whether it is there.

use crate::json::{self, Node, Shape};
use crate::model::credentials::{CredentialsShape, CredentialsState};
use crate::model::surface::FileFacts;

/// More logins than this are not told apart.
const MOST: usize = 1000;
/// A longer name is nobody's.
const LONGEST: usize = 512;

/// What is wanted of the document: which logins there are, and of the client's own whether it holds a token.
const WANTED: Shape = Shape::Members(&[
    ("claudeAiOauth", Shape::Members(&[("accessToken", Shape::Whole), ("refreshToken", Shape::Whole)])),
    ("mcpOAuth", Shape::EachMember(&Shape::Skip)),
]);

/// The shape of a file's bytes.
pub fn shape(bytes: &[u8], facts: &FileFacts) -> CredentialsState {
    let text = json::decode(bytes);
    let is_empty = text.as_str().trim().is_empty();
    let Ok(document) = json::read(text.as_str(), &WANTED) else {
        return CredentialsState::Damaged { is_empty };
    };
    if document.root.as_object().is_none() {
        return CredentialsState::Damaged { is_empty };
    }
    let login = document.root.get("claudeAiOauth");
    let logins = document.root.get("mcpOAuth").and_then(Node::as_object);
    let names = logins.into_iter().flat_map(|logins| logins.iter().map(|(name, _)| name));
    CredentialsState::Sound(CredentialsShape {
        has_login: login.is_some_and(has_token),
        logins: names.filter(|name| name.len() <= LONGEST).take(MOST).map(str::to_owned).collect(),
        mode: facts.mode,
        owner: facts.owner,
    })
}

/// A login whose tokens are empty is none: the client leaves such a one behind when it could not renew it.
pub(super) fn has_token(login: &Node) -> bool {
    let is_there = |name| login.get(name).and_then(Node::as_text).is_some_and(|token| !token.is_empty());
    is_there("accessToken") || is_there("refreshToken")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> FileFacts {
        FileFacts {
            owner: 1000,
            group: 1000,
            mode: 0o600,
            hard_links: 1,
            identity: (1, 2),
            size: 0,
            modified: 0,
            changed: 0,
            link_target: None,
        }
    }

    fn of(text: &str) -> CredentialsState {
        shape(text.as_bytes(), &facts())
    }

    #[test]
    fn logins_are_named_and_no_token_is_kept() {
        let found = of(r#"{"claudeAiOauth":{"accessToken":"hunter2","scopes":["hunter2"]},
            "mcpOAuth":{"oa|cc738b68c7c43e7e":{"accessToken":"hunter2"}},"pluginSecrets":{"x":"hunter2"}}"#);
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        let CredentialsState::Sound(shape) = found else { panic!("{found:?}") };
        assert!(shape.has_login && shape.logins.contains("oa|cc738b68c7c43e7e"));
    }

    #[test]
    fn a_login_without_a_token_is_none() {
        for login in ["null", "{}", "1", r#"{"accessToken":"","refreshToken":""}"#, r#"{"accessToken":3}"#] {
            let found = of(&format!("{{\"claudeAiOauth\":{login}}}"));
            let CredentialsState::Sound(shape) = found else { panic!("{found:?}") };
            assert!(!shape.has_login, "{login}");
        }
    }

    #[test]
    fn what_the_client_cannot_read_is_damaged() {
        assert_eq!(of(""), CredentialsState::Damaged { is_empty: true });
        for text in ["{\"claudeAiOauth\":{\"acc", "[]", "null", "\0\0\0"] {
            assert_eq!(of(text), CredentialsState::Damaged { is_empty: false }, "{text:?}");
        }
    }
}
