//! What a package says of itself in its own directory, from bytes. Must not know where they come from, and believes
//! nothing: the package's author wrote them.

use super::facts::Manifest;
use serde_json::Value;
use std::path::Path;

/// The files that name a package, in the order in which to look for them.
pub const MANIFESTS: [&str; 3] = ["package.json", "PKG-INFO", "composer.json"];

/// How much of such a file is looked at.
const LIMIT: usize = 1 << 20;

/// Reads one of [`MANIFESTS`]; `None` when it names nothing, whatever the reason.
pub fn parse(file: &Path, bytes: &[u8]) -> Option<Manifest> {
    if bytes.len() > LIMIT {
        return None;
    }
    let name = file.file_name()?.to_str()?;
    let (name, version) = if name == "PKG-INFO" { headers(bytes) } else { members(bytes)? };
    name.is_some().then(|| Manifest { file: file.to_owned(), name, version })
}

/// `name` and `version` of a JSON object.
fn members(bytes: &[u8]) -> Option<(Option<String>, Option<String>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let text = |name: &str| Some(document.get(name)?.as_str()?.to_owned());
    Some((text("name"), text("version")))
}

/// `Name:` and `Version:` before the first empty line.
fn headers(bytes: &[u8]) -> (Option<String>, Option<String>) {
    let text = String::from_utf8_lossy(bytes);
    let header = |name: &str| {
        text.lines().take_while(|line| !line.trim().is_empty()).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    (header("name"), header("version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_nonsense_is_nothing() {
        let name = |file: &str, bytes: &[u8]| parse(Path::new(file), bytes).and_then(|found| found.name);
        assert_eq!(name("/p/package.json", br#"{"name":"a","version":"1"}"#).as_deref(), Some("a"));
        assert_eq!(name("/p/PKG-INFO", b"Metadata-Version: 2\nName: b\n\nName: c").as_deref(), Some("b"));
        assert_eq!(name("/p/package.json", b"{\"name\":7}"), None);
        assert_eq!(name("/p/package.json", b"\xff\xfe"), None);
        assert_eq!(name("/p/package.json", &vec![b' '; LIMIT + 1]), None);
        assert_eq!(name("/", b"{}"), None);
        assert_eq!(name("/p/package.json", "[".repeat(100_000).as_bytes()), None);
    }
}
