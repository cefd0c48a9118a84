//! Package managers, and the steps at which they run what they install. Must not know how either is recognised.

use crate::model::words::words;
use std::fmt;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for manager in Manager::ALL {
            assert_eq!(Manager::from_word(manager.as_str()), Some(*manager));
        }
        for step in Step::ALL {
            assert_eq!(Step::from_word(step.as_str()), Some(*step));
        }
        assert_eq!(Manager::from_word("npx"), None);
    }
}
