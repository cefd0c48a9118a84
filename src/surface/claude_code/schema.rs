//! What makes the client drop a settings file whole, hooks and denials included: a key of the wrong type.
//!
//! Seen on 2.1.329: `apiKeyHelper`, `cleanupPeriodDays`, `disableAllHooks` or `permissions.allow` of another
//! type make it forget the file, so does a comment; wrong `hooks`, `env` and lists of servers cost only
//! themselves. The other keys are taken from the schema in that program.

use crate::json::{Node, Tree};

/// Keys that must be a string.
const STRINGS: [&str; 10] = [
    "apiKeyHelper",
    "proxyAuthHelper",
    "awsCredentialExport",
    "awsAuthRefresh",
    "gcpAuthRefresh",
    "processWrapper",
    "otelHeadersHelper",
    "model",
    "outputStyle",
    "language",
];

/// Keys that must be true or false.
const SWITCHES: [&str; 13] = [
    "respectGitignore",
    "includeCoAuthoredBy",
    "alwaysThinkingEnabled",
    "spinnerTipsEnabled",
    "enableAllProjectMcpServers",
    "disableClaudeAiConnectors",
    "disableAllHooks",
    "disableSkillShellExecution",
    "allowManagedHooksOnly",
    "allowManagedPermissionRulesOnly",
    "allowManagedMcpServersOnly",
    "allowAllClaudeAiMcps",
    "disableSideloadFlags",
];

/// Lists of rules that must be lists.
const RULES: [&str; 4] = ["allow", "deny", "ask", "additionalDirectories"];

/// The key because of which the client drops the file, if there is one.
pub(super) fn wrong_key(root: &Node) -> Option<String> {
    if !matches!(root.tree, Tree::Object(_)) {
        return Some("the document is no object".to_owned());
    }
    let wrong = |keys: &[&str], what: &str, fits: fn(&Tree) -> bool| {
        keys.iter()
            .find(|key| root.get(key).is_some_and(|node| !fits(&node.tree)))
            .map(|key| format!("{key} is no {what}"))
    };
    let rules = root.get("permissions").and_then(|permissions| {
        RULES
            .iter()
            .find(|name| {
                permissions.get(name).is_some_and(|node| !matches!(node.tree, Tree::List(_) | Tree::Deep(_)))
            })
            .map(|name| format!("permissions.{name} is no list"))
    });
    wrong(&STRINGS, "string", |tree| matches!(tree, Tree::Text(_)))
        .or_else(|| wrong(&SWITCHES, "switch", |tree| matches!(tree, Tree::Bool(_))))
        .or_else(|| wrong(&["cleanupPeriodDays"], "number", |tree| matches!(tree, Tree::Number(_))))
        .or(rules)
        .map(|why| format!("the client drops the whole file, because {why}"))
}
