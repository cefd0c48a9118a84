//! How one event is bound to all before it: the keyed hash, and its place in the document. Pure; must not know
//! where rows lie or who asks.
//!
//! An event's hash is HMAC-SHA-256, under the installation's key, of the hash before it, its number and its
//! document as it stands byte for byte, less the hash itself. A document that was stored before there was a chain
//! carries no hash and is bound as it stands.

use crate::model::digest::{Digest, Key};
use crate::model::event::Event;

/// What stands before the first event.
pub(super) const GENESIS: Digest = Digest::from_bytes([0; 32]);

const PURPOSE: &str = "journal event";

/// Whether a document carries its place in the chain. Part of what is hashed, so that the one form cannot be
/// made to pass for the other.
#[derive(Clone, Copy)]
enum Form {
    Bare = 0,
    Carrying = 1,
}

/// Gives an event its place in the chain; gives its document and its hash.
pub(super) fn link(event: &mut Event, key: &Key, previous: Digest, sequence: i64) -> (String, Digest) {
    event.set("mcpwatch.chain.previous", previous.to_string());
    event.set("mcpwatch.chain.hash", "");
    let mut document = event.to_text();
    let hash = hash(key, previous, sequence, Form::Carrying, document.as_bytes());
    let text = hash.to_string();
    let blank = place("", previous);
    if let Some(at) = document.find(&blank) {
        document.replace_range(at..at + blank.len(), &place(&text, previous));
    }
    event.set("mcpwatch.chain.hash", text);
    (document, hash)
}

/// Takes its place in the chain from an event.
pub(super) fn unlink(event: &mut Event) {
    event.remove("mcpwatch.chain");
}

/// The hash of a document that carries none.
pub(super) fn hash_of_bare(key: &Key, previous: Digest, sequence: i64, document: &[u8]) -> Digest {
    hash(key, previous, sequence, Form::Bare, document)
}

/// Whether a row is the one that was stored after `previous` under that number and hash.
pub(super) fn follows(
    key: &Key,
    previous: Digest,
    sequence: i64,
    document: &[u8],
    hash_of_row: &str,
) -> bool {
    let found = match without_hash(document, hash_of_row, previous) {
        Some(blank) => hash(key, previous, sequence, Form::Carrying, &blank),
        None => hash_of_bare(key, previous, sequence, document),
    };
    // NOTE(timing): the hashes stand in the journal for its reader to see; there is nothing to learn from the time.
    found.to_string() == hash_of_row
}

/// What a document says stands before it.
pub(super) fn stated_previous(event: &Event) -> Option<Digest> {
    Digest::from_hex(event.text("mcpwatch.chain.previous")?)
}

fn hash(key: &Key, previous: Digest, sequence: i64, form: Form, document: &[u8]) -> Digest {
    key.authenticate_all(PURPOSE, &[previous.as_bytes(), &sequence.to_be_bytes(), &[form as u8], document])
}

/// How a document's place in the chain is written in it. Quotes inside a string are escaped, so that no text that
/// an event tells of can look like this.
fn place(hash: &str, previous: Digest) -> String {
    format!("\"chain\":{{\"hash\":\"{hash}\",\"previous\":\"{previous}\"}}")
}

/// The document with its own hash taken out; `None` when it carries another or none.
fn without_hash(document: &[u8], hash: &str, previous: Digest) -> Option<Vec<u8>> {
    let written = place(hash, previous);
    let at = memchr::memmem::find(document, written.as_bytes())?;
    let (before, rest) = document.split_at_checked(at)?;
    let after = rest.get(written.len()..)?;
    Some([before, place("", previous).as_bytes(), after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn event(message: &str) -> Event {
        Event::from_document(json!({
            "@timestamp": "2026-01-01T00:00:00.000000Z", "message": message,
            "event": {"id": "1", "kind": "event", "action": "agent-gap"}, "mcpwatch": {"level": "low"},
        }))
        .unwrap()
    }

    #[test]
    fn a_link_follows_only_what_it_was_made_for() {
        let key = Key::from_bytes([1; 32]);
        let mut event = event("x");
        let (document, hash) = link(&mut event, &key, GENESIS, 1);
        let (document, text) = (document.as_bytes(), hash.to_string());
        let carried: serde_json::Value = serde_json::from_slice(document).unwrap();
        assert_eq!(carried.as_object(), Some(event.document()), "the event says what its document says");
        assert_eq!(carried["mcpwatch"]["chain"], json!({"hash": text, "previous": "0".repeat(64)}));
        assert!(follows(&key, GENESIS, 1, document, &text));
        assert!(!follows(&key, GENESIS, 2, document, &text));
        assert!(!follows(&key, hash, 1, document, &text));
        assert!(!follows(&Key::from_bytes([2; 32]), GENESIS, 1, document, &text));
        let bare = hash_of_bare(&key, GENESIS, 1, b"{}");
        assert!(follows(&key, GENESIS, 1, b"{}", &bare.to_string()));
    }

    proptest! {
        #[test]
        fn no_text_can_pass_for_the_place_in_the_chain(message in "(\"chain\":\\{\"hash\":\"\"|[\"\\\\{}:,a-f0]|,\"previous\":\"0*\"\\}){0,9}") {
            let key = Key::from_bytes([1; 32]);
            let message = format!("{message}{}", place("", GENESIS));
            let (document, hash) = link(&mut event(&message), &key, GENESIS, 1);
            prop_assert!(follows(&key, GENESIS, 1, document.as_bytes(), &hash.to_string()));
            let carried: serde_json::Value = serde_json::from_str(&document).unwrap();
            prop_assert_eq!(&carried["message"], &json!(message));
            prop_assert_eq!(&carried["mcpwatch"]["chain"]["hash"], &json!(hash.to_string()));
        }

        #[test]
        fn a_change_of_any_byte_is_found(message in ".{0,40}", at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let key = Key::from_bytes([1; 32]);
            let (document, hash) = link(&mut event(&message), &key, GENESIS, 1);
            let mut document = document.into_bytes();
            let at = at.index(document.len());
            document[at] ^= 1 << bit;
            prop_assert!(!follows(&key, GENESIS, 1, &document, &hash.to_string()));
        }
    }
}
