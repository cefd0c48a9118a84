//! How `oauth` differs: whom the client asks for tokens, as whom, and for what.

use super::difference::{Difference, one_line};
use crate::model::kind::DriftKind;
use crate::model::value::{Members, Value};
use std::collections::BTreeSet;

pub(super) fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let empty = Members::new();
    let object = |value: Option<&'_ Value>| match value {
        None => Some(empty.clone()),
        Some(value) => value.as_object().cloned(),
    };
    let (Some(old), Some(new)) = (object(before), object(after)) else {
        let summary = "oauth is no object; the client may ignore it or ask elsewhere";
        return vec![
            Difference::new(DriftKind::OauthAuthServerChanged, "oauth", summary)
                .between(before.map(one_line), after.map(one_line)),
        ];
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .filter_map(|name| {
            let (old, new) = (old.get(name), new.get(name));
            let (kind, summary) = match name.as_str() {
                "authServerMetadataUrl" => (
                    DriftKind::OauthAuthServerChanged,
                    "the client asks another authorization server for tokens",
                ),
                "scopes" => scopes(old, new)?,
                "clientId" | "clientSecret" => {
                    (DriftKind::OauthClientChanged, "the client presents itself as another OAuth client")
                }
                "callbackPort" => {
                    (DriftKind::OauthCallbackChanged, "the OAuth callback comes to another port")
                }
                _ => (DriftKind::FieldChanged, "another OAuth setting changed"),
            };
            Some(
                Difference::new(kind, format!("oauth.{name}"), summary)
                    .between(old.map(one_line), new.map(one_line)),
            )
        })
        .collect()
}

/// Scopes are a set: their order says nothing.
fn scopes(old: Option<&Value>, new: Option<&Value>) -> Option<(DriftKind, &'static str)> {
    let set = |value: Option<&Value>| -> BTreeSet<String> {
        value
            .and_then(Value::as_text)
            .map(|text| text.reveal().split_whitespace().map(str::to_owned).collect())
            .unwrap_or_default()
    };
    let (before, after) = (set(old), set(new));
    if before == after {
        return None;
    }
    Some(if before.is_empty() {
        (DriftKind::OauthScopesChanged, "the scopes asked for are limited now")
    } else if after.is_empty() {
        (DriftKind::OauthScopesWidened, "the scopes asked for are no longer limited")
    } else if after.is_subset(&before) {
        (DriftKind::OauthScopesChanged, "fewer scopes are asked for")
    } else {
        (DriftKind::OauthScopesWidened, "more scopes are asked for")
    })
}
