//! How the arguments of a program differ: by the places they name, by the version of a package, or otherwise.

use super::difference::{Difference, one_line};
use super::endpoint;
use super::lookalike::Known;
use crate::model::command::{is_package_runner, package_and_version, urls_in};
use crate::model::endpoint::Endpoint;
use crate::model::entry::Entry;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::masking::mask_url;
use crate::model::variables::Variables;

pub(super) fn differences(
    expected: &Entry,
    observed: &Entry,
    variables: &Variables,
    known: &Known,
) -> Vec<Difference> {
    let words = |entry: &Entry| -> Vec<String> {
        entry.effective(variables).arguments.into_iter().map(|argument| argument.value).collect()
    };
    let (before, after) = (words(expected), words(observed));
    let lists_are_strings = |entry: &Entry| {
        entry
            .fields
            .get("args")
            .and_then(|args| args.as_list())
            .is_some_and(|list| list.len() == entry.arguments().len())
    };
    if before == after && lists_are_strings(expected) && lists_are_strings(observed) {
        return Vec::new();
    }
    let (level, summary) = weigh(observed, &before, &after);
    let changed = Difference::new(DriftKind::ArgsChanged, "args", summary)
        .at(level)
        .between(expected.fields.get("args").map(one_line), observed.fields.get("args").map(one_line));
    std::iter::once(changed).chain(findings_about_urls(&before, &after, variables, known)).collect()
}

fn weigh(observed: &Entry, before: &[String], after: &[String]) -> (Level, String) {
    let hosts = |words: &[String]| -> Vec<String> {
        urls_in(words).into_iter().filter_map(Endpoint::parse).map(|endpoint| endpoint.host).collect()
    };
    let (old, new) = (hosts(before), hosts(after));
    if old != new {
        let place = new.iter().find(|host| !old.contains(host)).or(new.first());
        let summary = match place {
            Some(host) => format!("an argument now leads to {host}"),
            None => "an argument no longer names the place it led to".to_owned(),
        };
        return (Level::High, summary);
    }
    let program = observed.text("command").map(|text| text.reveal()).unwrap_or_default();
    let differing: Vec<(&String, &String)> = before.iter().zip(after).filter(|(a, b)| a != b).collect();
    if let ([(old, new)], true, true) =
        (differing.as_slice(), before.len() == after.len(), is_package_runner(&program))
    {
        let ((old_name, _), (new_name, new_version)) = (package_and_version(old), package_and_version(new));
        if old_name == new_name && !old_name.starts_with('-') && !old_name.is_empty() {
            return if !is_pin(new_version) {
                (Level::Medium, "the package is not pinned to a version".to_owned())
            } else {
                (Level::Low, "another version of the same package is run".to_owned())
            };
        }
    }
    (Level::Medium, "the program is run with other arguments".to_owned())
}

/// Whether a version is one and not a range, a tag, another package's name or a place.
fn is_pin(version: Option<&str>) -> bool {
    version.is_some_and(|version| {
        version.starts_with(|c: char| c.is_ascii_digit())
            && version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b))
            && !version.split('.').any(|part| part.eq_ignore_ascii_case("x"))
            && version.contains('.')
    })
}

/// What a changed URL among the arguments looks like, beyond that it changed.
fn findings_about_urls(
    before: &[String],
    after: &[String],
    variables: &Variables,
    known: &Known,
) -> Vec<Difference> {
    const TELLING: [DriftKind; 3] =
        [DriftKind::EndpointLookalike, DriftKind::EndpointSchemeDowngraded, DriftKind::EndpointUserinfo];
    urls_in(before)
        .into_iter()
        .zip(urls_in(after))
        .filter(|(old, new)| old != new)
        .flat_map(|(old, new)| {
            endpoint::differences("args.url", Some(&mask_url(old)), Some(&mask_url(new)), variables, known)
        })
        .filter(|difference| TELLING.contains(&difference.kind))
        .collect()
}
