//! A package: its name, version and origin, with what in them is nobody's business masked.

use crate::model::masking::{mask_arguments, mask_url};
use crate::model::text::Text;
use std::path::PathBuf;

/// How long a package's name, version or checksum can be and still be one.
const NAME_LIMIT: usize = 214;

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: Option<Text>,
    /// Where it came from.
    pub resolved: Option<Text>,
    /// The checksum that its manager expected.
    pub integrity: Option<Text>,
    /// Where it lies.
    pub directory: Option<PathBuf>,
    /// Whether it brings code that runs when it is installed; `None` where nothing says so.
    pub has_scripts: Option<bool>,
}

impl Package {
    /// A package of that name; `None` when there is no name. A name and a version are public words; what does not
    /// look like one is kept and not shown.
    pub fn new(name: &str, version: Option<&str>) -> Option<Self> {
        (!name.is_empty()).then(|| Self {
            name: word(name),
            version: version.filter(|version| !version.is_empty()).map(word),
            resolved: None,
            integrity: None,
            directory: None,
            has_scripts: None,
        })
    }

    /// With where it came from; what stands in the URL for somebody's identity is masked.
    pub fn resolved(mut self, from: Option<&str>) -> Self {
        self.resolved = from.filter(|from| !from.is_empty()).map(mask_source);
        self
    }

    /// With its checksum.
    pub fn integrity(mut self, checksum: Option<&str>) -> Self {
        self.integrity = checksum.filter(|checksum| !checksum.is_empty()).map(word);
        self
    }

    /// With where it lies.
    pub fn directory(mut self, directory: Option<PathBuf>) -> Self {
        self.directory = directory;
        self
    }

    /// With whether it brings install scripts.
    pub fn scripts(mut self, has_scripts: Option<bool>) -> Self {
        self.has_scripts = has_scripts;
        self
    }

    /// `name@version`, as far as it may be shown.
    pub fn spec(&self) -> Text {
        let mut spec = self.name.clone();
        if let Some(version) = &self.version {
            spec.push_plain("@");
            spec.push_text(version);
        }
        spec
    }
}

/// A word that names a package, a version or a checksum. Anything else might be anything.
fn word(raw: &str) -> Text {
    let fits = raw.len() <= NAME_LIMIT
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@/._~+-=:".contains(&byte))
        && !raw.contains("://");
    if fits { Text::plain(raw) } else { Text::secret(cut(raw)) }
}

fn mask_source(raw: &str) -> Text {
    let raw = cut(raw);
    if raw.contains("://") {
        return mask_url(raw);
    }
    match raw.split_once(':') {
        Some((scheme @ ("file" | "link" | "npm" | "path"), rest)) => {
            let mut text = Text::plain(scheme);
            text.push_plain(":");
            mask_arguments("", &[rest]).iter().for_each(|rest| text.push_text(rest));
            text
        }
        _ => mask_arguments("", &[raw]).into_iter().next().unwrap_or_default(),
    }
}

/// No more than a name's and a URL's worth of what somebody else wrote.
fn cut(raw: &str) -> &str {
    let end = raw.char_indices().map(|(at, _)| at).take_while(|at| *at <= 1024).last().unwrap_or_default();
    if raw.len() <= 1024 { raw } else { raw.get(..end).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::digest::Key;

    #[test]
    fn names_are_shown_and_anything_else_is_not() {
        let key = Key::from_bytes([1; 32]);
        let package =
            Package::new("@acme/babel-plugin-transform-es2015-modules", Some("1.2.3-rc.1+x")).unwrap();
        assert_eq!(package.spec().shown(&key), "@acme/babel-plugin-transform-es2015-modules@1.2.3-rc.1+x");
        let odd = Package::new("left pad\u{1b}[2J", Some("https://u:p@h.example")).unwrap();
        assert!(odd.name.has_secret() && odd.version.unwrap().has_secret());
        assert!(Package::new("", None).is_none());
        let from = |url: &str| {
            let package = Package::new("a", None).unwrap().resolved(Some(url));
            package.resolved.unwrap().shown(&key)
        };
        assert_eq!(
            from("https://registry.example/a/-/a-1.0.0.tgz"),
            "https://registry.example/a/-/a-1.0.0.tgz"
        );
        assert!(!from("https://u:c4n4ry@registry.example/a.tgz?t=c4n4ry").contains("c4n4ry"));
        assert_eq!(from("file:/home/u/a-1.0.0.tgz"), "file:/home/u/a-1.0.0.tgz");
        assert_eq!(cut(&"ä".repeat(2000)).chars().count(), 512);
    }
}
