//! URLs: scheme, host and path are shown; userinfo, query values and the fragment are not.
//!
//! Works on the raw spelling, not on a parsed URL: what cannot be parsed must be masked as well.

use super::shape::is_token_like;
use crate::model::text::Text;
use crate::model::variables::{Segment, segments};

/// Masks a URL.
pub fn mask_url(raw: &str) -> Text {
    if let [Segment::Reference(reference)] = segments(raw).as_slice() {
        return super::mask_reference(reference.name, reference.default, &mask_url);
    }
    let Some(scheme_end) = scheme_end(raw) else {
        return super::mask_value(raw);
    };
    let (scheme, rest) = raw.split_at(scheme_end);
    let authority_end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(authority_end);
    let query_start = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, rest) = rest.split_at(query_start);
    let fragment_start = rest.find('#').unwrap_or(rest.len());
    let (query, fragment) = rest.split_at(fragment_start);

    let mut text = Text::plain(scheme);
    if has_odd_port(authority) {
        // `user:pa/ss@host`: what looks like a path is the rest of a password.
        text.push_text(&super::mask_value(raw.get(scheme_end..).unwrap_or_default()));
        return text;
    }
    mask_authority(authority, &mut text);
    mask_path(path, &mut text);
    mask_query(query, &mut text);
    if let Some(fragment) = fragment.strip_prefix('#') {
        text.push_plain("#");
        text.push_text(&super::mask_value(fragment));
    }
    text
}

/// Whether a word starts like a URL of a scheme that a client may contact.
pub(super) fn looks_like_url(word: &str) -> bool {
    scheme_end(word).is_some()
}

/// Where the authority starts: behind `scheme://`. Browsers and clients take back slashes for slashes.
fn scheme_end(raw: &str) -> Option<usize> {
    let colon = raw.find(':')?;
    let scheme = raw.get(..colon)?;
    let is_scheme = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let after = raw.get(colon + 1..)?;
    let slashes = after.bytes().take_while(|b| *b == b'/' || *b == b'\\').count();
    (is_scheme && slashes >= 2).then_some(colon + 1 + slashes)
}

/// Whether a colon is followed by what can be no port. References are left out: anything may come of them.
fn has_odd_port(authority: &str) -> bool {
    if authority.contains(['@', '[', '{']) {
        return false;
    }
    authority.split_once(':').is_some_and(|(_, port)| !port.bytes().all(|b| b.is_ascii_digit()))
}

/// A userinfo that is itself shaped like a host is a decoy and is shown; every other one is secret.
fn mask_authority(authority: &str, text: &mut Text) {
    let Some(at) = authority.rfind('@') else {
        return text.push_plain(authority);
    };
    let (userinfo, host) = authority.split_at(at);
    let is_decoy = userinfo.contains('.')
        && userinfo.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'-')
        && !userinfo.starts_with('.');
    if is_decoy {
        text.push_plain(userinfo);
    } else {
        text.push_text(&super::mask_value(userinfo));
    }
    text.push_plain(host);
}

/// Some services put the credential into the path; a segment that looks like a token is masked.
fn mask_path(path: &str, text: &mut Text) {
    for segment in path.split_inclusive(['/', '\\']) {
        let word = segment.trim_end_matches(['/', '\\']);
        if word.split([':', '@', ';', ',']).any(is_token_like) {
            text.push_secret(word);
            text.push_plain(segment.get(word.len()..).unwrap_or_default());
        } else {
            text.push_plain(segment);
        }
    }
}

fn mask_query(query: &str, text: &mut Text) {
    for pair in query.split_inclusive('&') {
        match pair.split_once('=') {
            Some((name, value)) => {
                text.push_plain(name);
                text.push_plain("=");
                let bare = value.trim_end_matches('&');
                text.push_text(&super::mask_value(bare));
                text.push_plain(value.get(bare.len()..).unwrap_or_default());
            }
            None if is_name(pair.trim_matches(['?', '&'])) => text.push_plain(pair),
            None => text.push_secret(pair),
        }
    }
}

/// A word of a query that has no value: a name if it is an everyday one.
fn is_name(word: &str) -> bool {
    word.len() <= 16 && word.bytes().all(|b| b.is_ascii_lowercase() || b"-_".contains(&b))
}
