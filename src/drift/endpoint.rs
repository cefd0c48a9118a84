//! How one URL differs from another. Judged on what the client would contact, once variables are expanded.

use super::difference::Difference;
use super::lookalike::Known;
use crate::model::endpoint::{Endpoint, HostClass};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::masking::mask_url;
use crate::model::text::Text;
use crate::model::variables::{Expanded, Variables};

/// The differences between two URLs of the field `field`.
pub(super) fn differences(
    field: &str,
    expected: Option<&Text>,
    observed: Option<&Text>,
    variables: &Variables,
    known: &Known,
) -> Vec<Difference> {
    let (Some(before), Some(after)) = (expected, observed) else {
        return vec![unreadable(field, expected.cloned(), observed.cloned())];
    };
    let (before, after) = (Side::of(before, variables), Side::of(after, variables));
    if before.expanded == after.expanded { Vec::new() } else { between(field, &before, &after, known) }
}

/// One of the two URLs.
struct Side {
    written: Text,
    expanded: Expanded,
}

impl Side {
    fn of(written: &Text, variables: &Variables) -> Self {
        Self { written: written.clone(), expanded: variables.expand(&written.reveal()) }
    }

    /// A part of it to show: as it is written where a variable filled something in, since that may be secret.
    fn shown(&self, part: Text) -> Text {
        if self.written.reveal() == self.expanded.value { part } else { self.written.clone() }
    }
}

fn between(field: &str, before: &Side, after: &Side, known: &Known) -> Vec<Difference> {
    let (Some(expected), Some(observed)) =
        (Endpoint::parse(&before.expanded.value), Endpoint::parse(&after.expanded.value))
    else {
        return vec![unreadable(field, Some(before.written.clone()), Some(after.written.clone()))];
    };
    let mut found = Vec::new();
    found.extend(scheme(field, &expected, &observed));
    found.extend(userinfo(field, &expected, &observed));
    found.extend(host(field, &expected, &observed, known));
    found.extend(port(field, &expected, &observed));
    if expected.path != observed.path {
        found.push(
            Difference::new(
                DriftKind::EndpointPathChanged,
                format!("{field}.path"),
                "another path at the same place is asked for",
            )
            .between(Some(before.shown(path_of(&expected))), Some(after.shown(path_of(&observed)))),
        );
    }
    if expected.query != observed.query {
        found.push(
            Difference::new(
                DriftKind::EndpointPathChanged,
                format!("{field}.query"),
                "another query is sent",
            )
            .between(
                query_of(&expected).map(|query| before.shown(query)),
                query_of(&observed).map(|query| after.shown(query)),
            ),
        );
    }
    found
}

fn unreadable(field: &str, expected: Option<Text>, observed: Option<Text>) -> Difference {
    Difference::new(
        DriftKind::EndpointHostChanged,
        field,
        "the place that this server is reached at changed, and it is no plain URL",
    )
    .between(expected, observed)
}

fn scheme(field: &str, expected: &Endpoint, observed: &Endpoint) -> Option<Difference> {
    if expected.scheme == observed.scheme {
        return None;
    }
    let (kind, summary) = if expected.is_encrypted() && !observed.is_encrypted() {
        (DriftKind::EndpointSchemeDowngraded, "traffic to this server is no longer encrypted")
    } else {
        (DriftKind::EndpointSchemeChanged, "another scheme is used to reach this server")
    };
    Some(
        Difference::new(kind, format!("{field}.scheme"), summary)
            .between(Some(Text::plain(&*expected.scheme)), Some(Text::plain(&*observed.scheme))),
    )
}

fn userinfo(field: &str, expected: &Endpoint, observed: &Endpoint) -> Option<Difference> {
    if expected.userinfo == observed.userinfo {
        return None;
    }
    let level = match (expected.userinfo.is_empty(), observed.userinfo.is_empty()) {
        (true, false) => Level::Critical,
        (false, false) if expected.host == observed.host => Level::Low,
        (false, false) => Level::Critical,
        _ => Level::Low,
    };
    let summary = format!("what stands before the @ changed; the host contacted is {}", observed.host);
    let shown = |endpoint: &Endpoint| {
        (!endpoint.userinfo.is_empty()).then(|| {
            let mut url = mask_url(&format!("x://{}@x", endpoint.userinfo));
            let pieces = std::mem::take(&mut url);
            userinfo_only(&pieces)
        })
    };
    Some(
        Difference::new(DriftKind::EndpointUserinfo, format!("{field}.userinfo"), summary)
            .at(level)
            .between(shown(expected), shown(observed)),
    )
}

/// Cuts `x://` and `@x` off again.
fn userinfo_only(masked: &Text) -> Text {
    use crate::model::text::Piece;
    let mut text = Text::default();
    for piece in masked.pieces() {
        match piece {
            Piece::Plain(value) => text.push_plain(
                value
                    .strip_prefix("x://")
                    .unwrap_or(value)
                    .strip_suffix("@x")
                    .unwrap_or(value.strip_prefix("x://").unwrap_or(value)),
            ),
            Piece::Secret(secret) => text.push_secret(secret.reveal()),
        }
    }
    text
}

fn host(field: &str, expected: &Endpoint, observed: &Endpoint, known: &Known) -> Vec<Difference> {
    if expected.host == observed.host {
        return Vec::new();
    }
    let imitation = known.imitated_by(&observed.host, Some(&expected.host));
    let (was_local, is_local) =
        (expected.host_class() == HostClass::Loopback, observed.host_class() == HostClass::Loopback);
    let (level, how) = match observed.host_class() {
        HostClass::Loopback if was_local => (Level::Low, "another name of this machine"),
        HostClass::Loopback => (Level::Critical, "this machine, where any program may listen"),
        HostClass::Address => (Level::Critical, "a bare IP address"),
        HostClass::Name if imitation.is_some() => (Level::Critical, "a host that imitates a known one"),
        HostClass::Name => (Level::High, "another host"),
    };
    let changed = Difference::new(
        DriftKind::EndpointHostChanged,
        format!("{field}.host"),
        format!("the client would contact {}, {how}", observed.host),
    )
    .at(level)
    .between(Some(Text::plain(&*expected.host)), Some(Text::plain(&*observed.host)));
    debug_assert!(!is_local || level != Level::High);
    std::iter::once(changed)
        .chain(imitation.map(|why| {
            Difference::new(DriftKind::EndpointLookalike, format!("{field}.host"), why)
                .between(Some(Text::plain(&*expected.host)), Some(Text::plain(&*observed.host)))
        }))
        .collect()
}

fn port(field: &str, expected: &Endpoint, observed: &Endpoint) -> Option<Difference> {
    let implied = expected.scheme != observed.scheme
        && expected.port == default_port(&expected.scheme)
        && observed.port == default_port(&observed.scheme);
    if expected.port == observed.port || implied {
        return None;
    }
    let local = |endpoint: &Endpoint| endpoint.host_class() == HostClass::Loopback;
    let level = if local(expected) && local(observed) { Level::Low } else { Level::Medium };
    let shown = |endpoint: &Endpoint| endpoint.port.map(|port| Text::plain(port.to_string()));
    Some(
        Difference::new(DriftKind::EndpointPortChanged, format!("{field}.port"), "another port is contacted")
            .at(level)
            .between(shown(expected), shown(observed)),
    )
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" | "wss" => Some(443),
        "http" | "ws" => Some(80),
        _ => None,
    }
}

fn path_of(endpoint: &Endpoint) -> Text {
    mask_suffix(&endpoint.path)
}

fn query_of(endpoint: &Endpoint) -> Option<Text> {
    endpoint.query.as_ref().map(|query| mask_suffix(&format!("?{query}")))
}

/// Masks a path or query as it would be masked inside a URL.
fn mask_suffix(suffix: &str) -> Text {
    use crate::model::text::Piece;
    let masked = mask_url(&format!("x://x{suffix}"));
    let mut text = Text::default();
    for (index, piece) in masked.pieces().iter().enumerate() {
        match piece {
            Piece::Plain(value) if index == 0 => {
                text.push_plain(value.strip_prefix("x://x").unwrap_or(value))
            }
            Piece::Plain(value) => text.push_plain(value),
            Piece::Secret(secret) => text.push_secret(secret.reveal()),
        }
    }
    text
}
