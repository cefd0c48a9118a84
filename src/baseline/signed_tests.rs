//! Signed templates as they come, are replaced, put back and taken away. Knows nothing of where they lie.

use super::*;

/// Made with minisign 0.11: `minisign -S -m acme.json`.
macro_rules! template {
    ($name:literal) => {
        (
            include_bytes!(concat!("../../tests/signatures/", $name, "/acme.json")).to_vec(),
            include_str!(concat!("../../tests/signatures/", $name, "/acme.json.minisig")).to_owned(),
        )
    };
}

fn keys(file: &str) -> Keys {
    Keys::parse(file.lines().nth(1)).unwrap()
}

fn acme() -> Keys {
    keys(include_str!("../../tests/signatures/acme.pub"))
}

fn dir() -> &'static Path {
    Path::new("/etc/b")
}

fn lies((content, signature): (Vec<u8>, String)) -> Vec<Found> {
    vec![Found { file: dir().join("acme.json"), content: Ok(content), signature: Ok(signature) }]
}

/// What is in force, and why something is not.
fn said(in_force: &InForce) -> (Vec<u64>, String) {
    let whys: Vec<&str> = in_force.rejected.iter().map(|rejected| rejected.why.as_str()).collect();
    (in_force.templates.iter().filter_map(|template| template.version).collect(), whys.join(" / "))
}

/// The same after version 3 was in force.
fn after_v3(found: Vec<Found>, keys: &Keys) -> (Vec<u64>, String) {
    let before = judge(dir(), lies(template!("v3")), &acme(), &[]);
    assert_eq!(said(&before), (vec![3], String::new()));
    said(&judge(dir(), found, keys, &before.signed))
}

#[test]
fn what_is_signed_is_in_force_and_a_higher_version_takes_its_place() {
    assert_eq!(after_v3(lies(template!("v3")), &acme()), (vec![3], String::new()));
    assert_eq!(after_v3(lies(template!("v4")), &acme()), (vec![4], String::new()));
}

#[test]
fn an_older_or_another_one_does_not_take_its_place() {
    let before = judge(dir(), lies(template!("v4")), &acme(), &[]);
    let (versions, why) = said(&judge(dir(), lies(template!("v3")), &acme(), &before.signed));
    assert!(
        versions == [4] && why.contains("put back to an older one") && why.contains("stays in force"),
        "{why}"
    );
    let (versions, why) = after_v3(lies(template!("v3-again")), &acme());
    assert!(versions == [3] && why.contains("said something else before"), "{why}");
}

#[test]
fn what_is_not_signed_or_not_by_the_key_is_rejected() {
    let (content, good) = template!("v4");
    let unsigned = |signature: Result<String, String>| {
        vec![Found { file: dir().join("acme.json"), content: Ok(content.clone()), signature }]
    };
    for (found, reason) in [
        (lies(template!("other-key")), "fits none of the public keys"),
        (unsigned(Err("there is no acme.json.minisig".to_owned())), "there is no acme.json.minisig"),
        (unsigned(Ok("hello".to_owned())), "cannot be understood"),
        (lies((template!("v3").0, good.clone())), "fits none of the public keys"),
        (lies(template!("own-comment")), "names no file"),
        (lies(template!("no-version")), "needs \"version\""),
        (Vec::new(), "is gone"),
    ] {
        let (versions, why) = after_v3(found, &acme());
        assert!(versions == [3] && why.contains(reason) && why.contains("stays in force"), "{reason}: {why}");
    }
    let (versions, why) = said(&judge(dir(), lies(template!("other-key")), &acme(), &[]));
    assert!(versions.is_empty() && !why.contains("stays in force"), "{why}");
}

#[test]
fn one_signed_template_cannot_lie_in_anothers_place() {
    let (content, signature) = template!("v4");
    let file = dir().join("other.json");
    let found = vec![Found { file, content: Ok(content), signature: Ok(signature) }];
    let (versions, why) = said(&judge(dir(), found, &acme(), &[]));
    assert!(versions.is_empty() && why.contains("signed as acme.json"), "{why}");
}

#[test]
fn what_is_remembered_counts_only_while_its_key_does() {
    let other = keys(include_str!("../../tests/signatures/other.pub"));
    assert_eq!(after_v3(lies(template!("other-key")), &other), (vec![5], String::new()));
    // Changed where it is remembered, or remembered for another directory.
    let mut before = judge(dir(), lies(template!("v3")), &acme(), &[]).signed;
    before[0].content.push(b' ');
    assert_eq!(said(&judge(dir(), Vec::new(), &acme(), &before)), (vec![], String::new()));
    let before = judge(Path::new("/elsewhere"), lies(template!("v4")), &acme(), &[]).signed;
    assert_eq!(said(&judge(dir(), lies(template!("v3")), &acme(), &before)), (vec![3], String::new()));
}

#[test]
fn a_key_that_is_none_is_said() {
    assert!(Keys::parse(["hello"]).is_err());
    assert!(Keys::parse([]).unwrap().is_empty());
}
