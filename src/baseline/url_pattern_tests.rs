//! Patterns against the table of what the client was seen to do, and against a naive reference.

use super::seen::SEEN;
use super::*;
use proptest::prelude::*;

#[test]
fn every_row_seen_on_the_client_holds() {
    let mut wrong = Vec::new();
    for (pattern, matched, unmatched) in SEEN {
        let parsed = UrlPattern::parse(pattern);
        let says = |url: &str| parsed.as_ref().is_some_and(|parsed| parsed.matches(url));
        wrong.extend(
            matched.iter().filter(|url| !says(url)).map(|url| format!("{pattern:?} should match {url:?}")),
        );
        wrong.extend(
            unmatched.iter().filter(|url| says(url)).map(|url| format!("{pattern:?} must not match {url:?}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_long_pattern_does_not_hang() {
    let pattern = "*a".repeat(200);
    let text = "a".repeat(20_000) + "b";
    assert!(!glob(&pattern, &text));
}

/// `*` tried with every length: slow and plainly right.
fn naive(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
        Some((byte, rest)) => text.first() == Some(byte) && naive(rest, &text[1..]),
    }
}

proptest! {
    #[test]
    fn stars_mean_what_the_naive_reference_says(pattern in "[ab*.]{0,10}", text in "[ab.]{0,12}") {
        prop_assert_eq!(glob(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
    }

    #[test]
    fn nothing_panics(pattern in ".{0,40}", url in ".{0,40}") {
        let _ = UrlPattern::parse(&pattern).map(|parsed| parsed.matches(&url));
    }

    #[test]
    fn nothing_that_looks_like_a_url_panics(
        pattern in "(\\*|https?|wss)?:?[/\\\\]{0,3}[*a-z.@:\\[\\]0-9%é]{0,16}[/?#\\\\]?[*a-z./?#%]{0,12}",
        url in "https?:[/\\\\]{0,3}[a-z.@:\\[\\]0-9%é]{0,16}[/?#\\\\]?[a-z./?#%]{0,12}",
    ) {
        let _ = UrlPattern::parse(&pattern).map(|parsed| parsed.matches(&url));
    }

    /// The promise of the part-by-part comparison: whatever a URL looks like, a pattern for the hosts of one
    /// domain matches only URLs whose host, as the engine parses it, lies in that domain.
    #[test]
    fn only_a_host_in_the_domain_matches(
        url in "https:[/\\\\]{0,3}(a\\.example\\.com|evil\\.test|x|@|:|\\?|#|/|\\\\|%2f|\\.|[\t ]){0,8}",
    ) {
        let pattern = UrlPattern::parse("https://*.example.com/*").unwrap();
        if pattern.matches(&url) {
            let parsed = Url::parse(&url).unwrap();
            let host = parsed.host_str().unwrap();
            prop_assert!(without_dot(host).ends_with(".example.com"), "{} is at {}", url, host);
        }
    }

    #[test]
    fn a_url_is_a_pattern_that_matches_itself(
        host in "[a-z]{1,8}(\\.[a-z]{1,8}){0,2}",
        port in proptest::option::of(1u16..),
        path in "(/[a-zA-Z0-9._-]{0,6}){1,3}",
    ) {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let url = format!("https://{host}{port}{path}");
        prop_assert!(UrlPattern::parse(&url).unwrap().matches(&url));
    }
}
