//! Package installs: which manager ran, what it installed, which of a package's steps it ran. Must not know how an
//! install is recognised.

use crate::model::masking::{mask_arguments, mask_url};
use crate::model::process::ProcessId;
use crate::model::text::Text;
use jiff::Timestamp;
use std::fmt;
use std::path::PathBuf;

/// How long a package's name, version or checksum can be and still be one.
const NAME_LIMIT: usize = 214;

/// Commands of npm, pnpm, yarn and bun that install, with the short and misspelt names that these programs take.
pub const NODE_INSTALLS: [&str; 45] = [
    "install",
    "i",
    "in",
    "ins",
    "inst",
    "insta",
    "instal",
    "isnt",
    "isnta",
    "isntal",
    "isntall",
    "add",
    "a",
    "ci",
    "clean-install",
    "ic",
    "install-clean",
    "isntall-clean",
    "cit",
    "install-ci-test",
    "clean-install-test",
    "it",
    "install-test",
    "update",
    "up",
    "upgrade",
    "udpate",
    "rebuild",
    "rb",
    "link",
    "ln",
    "dedupe",
    "ddp",
    "prune",
    "audit",
    "uninstall",
    "un",
    "remove",
    "rm",
    "unlink",
    "import",
    "fetch",
    "deploy",
    "global",
    "approve-builds",
];

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What the word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(in crate::model) use words;

words! {
    /// A package manager.
    Manager {
        /// Node's own.
        Npm = "npm",
        /// `pnpm`.
        Pnpm = "pnpm",
        /// `yarn`, every version.
        Yarn = "yarn",
        /// `bun`.
        Bun = "bun",
        /// Python's own.
        Pip = "pip",
        /// `uv`.
        Uv = "uv",
        /// Rust's own.
        Cargo = "cargo",
        /// Ruby's own, and `bundle`.
        Gem = "gem",
        /// PHP's.
        Composer = "composer",
        /// Homebrew.
        Brew = "brew",
        /// Debian's, the one that a person calls.
        Apt = "apt",
        /// Debian's, the one that does it.
        Dpkg = "dpkg",
    }
}

impl Manager {
    /// The kind of its packages, as package URLs spell it: the ECS `package.type`.
    pub fn package_type(self) -> &'static str {
        match self {
            Self::Npm | Self::Pnpm | Self::Yarn | Self::Bun => "npm",
            Self::Pip | Self::Uv => "pypi",
            Self::Cargo => "cargo",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Brew => "brew",
            Self::Apt | Self::Dpkg => "deb",
        }
    }
}

words! {
    /// A moment in a package's life at which its manager runs its code.
    Step {
        /// Before it is installed.
        Preinstall = "preinstall",
        /// As it is installed: a native module's build too.
        Install = "install",
        /// After it was installed.
        Postinstall = "postinstall",
        /// Before `prepare`.
        Preprepare = "preprepare",
        /// A package from a repository, and the project's own, are prepared.
        Prepare = "prepare",
        /// After `prepare`.
        Postprepare = "postprepare",
        /// The old name of `prepare`.
        Prepublish = "prepublish",
        /// Python: the package is asked, built or described; its code runs each time.
        Build = "build",
        /// Cargo: `build.rs`.
        BuildScript = "build-script",
        /// Cargo: a macro runs inside the compiler.
        Macro = "macro",
        /// Ruby: a native extension is made.
        Extension = "extension",
        /// Homebrew: a formula.
        Formula = "formula",
        /// Debian: before unpacking.
        Preinst = "preinst",
        /// Debian: after unpacking.
        Postinst = "postinst",
        /// Debian: before removal.
        Prerm = "prerm",
        /// Debian: after removal.
        Postrm = "postrm",
        /// Debian: questions.
        Config = "config",
    }
}

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

/// One run of a package's code by its manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Whose code it is, where that is known.
    pub package: Option<Package>,
    /// Whether [`Hook::package`] is not the one whose code ran but the one that was being built with it: the compiler
    /// runs a macro of any of its dependencies.
    pub is_consumer: bool,
    /// Whether it is a step of the very project in which the manager was called, not of something it fetched.
    pub is_own: bool,
    /// At which step.
    pub step: Option<Step>,
    /// The manager's child that runs it.
    pub process: Option<ProcessId>,
}

/// How an install became known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its processes were seen.
    Seen,
    /// It left this file behind.
    Receipt(PathBuf),
}

/// One run of a package manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// Which one.
    pub manager: Manager,
    /// Its process.
    pub process: Option<ProcessId>,
    /// What was called, masked, the program's name first.
    pub command_line: Vec<Text>,
    /// Where it was called.
    pub directory: Option<PathBuf>,
    /// By which account.
    pub user: Option<u32>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// Which packages' code it ran.
    pub hooks: Vec<Hook>,
    /// What it installed.
    pub packages: Vec<Package>,
    /// Whether any of that brings code that runs at install time; `None` where nothing says so.
    pub has_scripts: Option<bool>,
    /// How it is known.
    pub source: Source,
}

impl Install {
    /// An install of which nothing but the manager is known.
    pub fn new(manager: Manager, source: Source) -> Self {
        Self {
            manager,
            process: None,
            command_line: Vec::new(),
            directory: None,
            user: None,
            started: None,
            ended: None,
            hooks: Vec::new(),
            packages: Vec::new(),
            has_scripts: None,
            source,
        }
    }

    /// When it is known to have been at work last.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.ended.or(self.started)
    }
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

    #[test]
    fn words_read_back() {
        for manager in Manager::ALL {
            assert_eq!(Manager::from_word(manager.as_str()), Some(*manager));
        }
        for step in Step::ALL {
            assert_eq!(Step::from_word(step.as_str()), Some(*step));
        }
    }
}
