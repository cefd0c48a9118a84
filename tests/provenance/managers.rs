//! Every recorded tree: which package, which version, which step, and how sure.

use super::trees::recorded;
use super::{Case, judged};
use mcpwatch::model::digest::Key;
use mcpwatch::model::provenance::{Actor, Confidence};

/// Recording, manager, package with version, step; an empty package is one that nobody can name.
const HOOKS: [(&str, &str, &str, &str); 21] = [
    ("npm", "npm", "left-hook@6.6.6", "postinstall"),
    ("npm-ci", "npm", "left-hook@6.6.6", "postinstall"),
    ("npm-global", "npm", "left-hook@6.6.6", "postinstall"),
    ("npm-detached", "npm", "det-hook@1.0.1", "install"),
    ("npm-binding-gyp", "npm", "gyp-hook@1.0.0", "install"),
    ("npx-fetch", "npm", "npxtool@1.0.0", "postinstall"),
    ("npm-own-prepare", "npm", "app@1.0.0", "prepare"),
    ("pnpm", "pnpm", "left-hook@6.6.6", "postinstall"),
    ("yarn-1", "yarn", "left-hook@6.6.6", "postinstall"),
    ("yarn-2", "yarn", "left-hook", "postinstall"),
    ("yarn-4", "yarn", "left-hook@6.6.6", "postinstall"),
    ("bun", "bun", "left-hook@6.6.6", "postinstall"),
    ("pip", "pip", "", "build"),
    ("pip-index", "pip", "pyhook", "build"),
    ("uv", "uv", "", "build"),
    ("cargo", "cargo", "rshook@0.3.1", "build-script"),
    ("cargo-install", "cargo", "rshook@0.3.1", "build-script"),
    ("gem", "gem", "gemhook@0.2.0", "extension"),
    ("composer", "composer", "", ""),
    ("dpkg", "dpkg", "debhook", "postinst"),
    ("apt", "apt", "debhook", "postinst"),
];

#[test]
fn a_hook_is_traced_to_its_package() {
    let key = Key::from_bytes([3; 32]);
    for (name, manager, package, step) in HOOKS {
        for (number, ancestry) in recorded(name).into_iter().enumerate() {
            let case = format!("{name} {number}");
            let provenance = judged(&Case::by(ancestry));
            let is_macro = name.starts_with("cargo") && provenance.line().contains("macro");
            let link = provenance.install.as_ref().unwrap_or_else(|| panic!("{case}: no install"));
            assert_eq!(provenance.actor, Actor::Install, "{case}");
            assert_eq!(
                (provenance.confidence, link.confidence),
                (Confidence::Proven, Confidence::Proven),
                "{case}"
            );
            assert_eq!(link.install.manager.as_str(), manager, "{case}");
            let Some(hook) = &link.hook else {
                assert_eq!(package, "", "{case}");
                continue;
            };
            let named = hook.package.as_ref().map(|package| package.spec().shown(&key)).unwrap_or_default();
            let found = hook.step.map(|step| step.as_str()).unwrap_or_default();
            if is_macro {
                assert_eq!((named.as_str(), found, hook.is_consumer), ("app@0.1.0", "macro", true), "{case}");
            } else {
                assert_eq!((named.as_str(), found), (package, step), "{case}");
            }
        }
    }
}

#[test]
fn what_only_runs_a_program_is_no_install() {
    for name in ["npm-run", "npm-run-postinstall", "npx"] {
        for ancestry in recorded(name) {
            let provenance = judged(&Case::by(ancestry));
            assert_eq!(provenance.install_confidence(), Confidence::Unknown, "{name}");
            assert_ne!(provenance.actor, Actor::Install, "{name}");
        }
    }
}

#[test]
fn the_line_reads_as_a_person_would_say_it() {
    for (name, expected) in [
        ("npm", "written by dash -c ← node postinstall.js ← npm install left-hook@6.6.6 ← bash"),
        ("apt", "written by dash -c ← dash debhook.postinst ← dpkg --status-fd ← apt install debhook ← bash"),
    ] {
        let provenance = judged(&Case::by(recorded(name).pop().unwrap()));
        assert_eq!(provenance.line(), expected);
    }
}
