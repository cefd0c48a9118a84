//! `${VAR}` and `${VAR:-default}` as the client expands them. Never looks into our own environment: a
//! variable that only some shell knows is *unknown*.
//!
//! The client's way (seen on 2.1.329): a variable that is set but empty expands to nothing (not to the
//! default, unlike a shell); one that is not set and has no default stays as it is written; `$VAR`,
//! `${A-b}` and `${V%x}` are left alone; defaults are not expanded again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Variables that make programs load or run something else.
const LOADERS: &[&str] = &[
    "PATH",
    "NODE_OPTIONS",
    "NODE_PATH",
    "BASH_ENV",
    "ZDOTDIR",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONHOME",
    "PERL5OPT",
    "PERL5LIB",
    "RUBYOPT",
    "RUBYLIB",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "CLASSPATH",
    "GIT_SSH_COMMAND",
    "GIT_EXEC_PATH",
    "SHELL",
    "PROMPT_COMMAND",
    "npm_config_script_shell",
    "npm_config_registry",
    "npm_config_userconfig",
    "npm_config_globalconfig",
    "npm_config_prefix",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_CONFIG_FILE",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_CONFIG_FILE",
    "GIT_CONFIG_GLOBAL",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GCONV_PATH",
    "DOCKER_HOST",
    "BUN_OPTIONS",
    "DOTNET_STARTUP_HOOKS",
    "COMSPEC",
];

/// Variables that lead traffic elsewhere or change what it trusts.
const ROUTES: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_NO_VERIFY",
    "CLAUDE_CODE_CERT_STORE",
    "PYTHONHTTPSVERIFY",
    "SSLKEYLOGFILE",
    "NODE_USE_SYSTEM_CA",
];

/// Whether a variable makes programs load, run or trust something else.
pub fn is_injecting(name: &str) -> bool {
    is_for_the_linker(&name.to_ascii_uppercase())
        || LOADERS.iter().any(|known| known.eq_ignore_ascii_case(name))
        || is_routing(name)
}

/// What the dynamic linker reads. `LD_SDK_KEY` and its like are somebody's credential.
fn is_for_the_linker(upper: &str) -> bool {
    ["LD_", "DYLD_"].iter().any(|prefix| upper.starts_with(prefix))
        && !["KEY", "TOKEN", "SECRET", "PASS"].iter().any(|word| upper.contains(word))
}

/// Whether a variable leads traffic elsewhere: proxies, certificate authorities, TLS switches.
pub fn is_routing(name: &str) -> bool {
    ROUTES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a variable redirects the client itself: its API, its telemetry, or its headers.
pub fn is_redirecting(name: &str) -> bool {
    let of_the_client = name.starts_with("ANTHROPIC_") || name.starts_with("CLAUDE_");
    name.ends_with("_BASE_URL")
        || of_the_client && ["_URL", "_ENDPOINT", "_HOST", "_SOCKET"].iter().any(|end| name.ends_with(end))
        || name.starts_with("OTEL_EXPORTER_")
        || name.starts_with("OTEL_LOG_")
        || matches!(name, "ANTHROPIC_CUSTOM_HEADERS" | "CLAUDE_CODE_USE_BEDROCK" | "CLAUDE_CODE_USE_VERTEX")
}

/// Whether a variable is itself a command that the client runs.
pub fn is_command(name: &str) -> bool {
    matches!(name, "CLAUDE_CODE_SHELL_PREFIX" | "CLAUDE_ENV_FILE" | "CLAUDE_CODE_SHELL")
}

/// Whether a variable's value must be seen to be judged. Headers are never among them.
pub fn is_steering(name: &str) -> bool {
    is_injecting(name) || is_command(name) || is_redirecting(name) && !name.contains("HEADERS")
}

/// The variables that the settings files set for one place (a home, or one project in it). Copies share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(Arc<BTreeMap<String, String>>);

/// A string after expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// What the client would use, as far as the files tell.
    pub value: String,
    /// Variables that no file sets and that have no default: the shell that starts the client decides.
    pub unknown: BTreeSet<String>,
}

/// One `${…}` reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The whole of it, from `$` to `}`.
    pub whole: &'a str,
    /// The variable's name.
    pub name: &'a str,
    /// What stands behind `:-`.
    pub default: Option<&'a str>,
}

/// A stretch of a string with references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Ordinary characters.
    Literal(&'a str),
    /// A reference.
    Reference(Reference<'a>),
}

impl Variables {
    /// Sets `name`; a later call wins.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        Arc::make_mut(&mut self.0).insert(name.into(), value.into());
    }

    /// These variables, overridden by `stronger`.
    pub fn overridden_by(&self, stronger: &Self) -> Self {
        if stronger.0.is_empty() {
            return self.clone();
        }
        let mut all = BTreeMap::clone(&self.0);
        all.extend(stronger.0.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self(Arc::new(all))
    }

    /// Expands `raw` as the client does.
    pub fn expand(&self, raw: &str) -> Expanded {
        let mut expanded = Expanded { value: String::with_capacity(raw.len()), unknown: BTreeSet::new() };
        for segment in segments(raw) {
            match segment {
                Segment::Literal(literal) => expanded.value.push_str(literal),
                Segment::Reference(reference) => match (self.0.get(reference.name), reference.default) {
                    (Some(value), _) => expanded.value.push_str(value),
                    (None, Some(default)) => expanded.value.push_str(default),
                    (None, None) => {
                        expanded.value.push_str(reference.whole);
                        expanded.unknown.insert(reference.name.to_owned());
                    }
                },
            }
        }
        expanded
    }
}

/// Cuts `raw` into literal stretches and references.
pub fn segments(raw: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    // What stands behind the last brace cannot be a reference; so no search for a brace is in vain.
    let mut rest = raw.get(..raw.rfind('}').map_or(0, |last| last + 1)).unwrap_or_default();
    let end = rest.len();
    let mut literal_from = 0;
    while let Some(at) = rest.find("${") {
        let start = end - rest.len() + at;
        let after = rest.get(at..).unwrap_or_default();
        if let Some(reference) = reference_at(after) {
            let literal = raw.get(literal_from..start).unwrap_or_default();
            if !literal.is_empty() {
                found.push(Segment::Literal(literal));
            }
            literal_from = start + reference.whole.len();
            rest = after.get(reference.whole.len()..).unwrap_or_default();
            found.push(Segment::Reference(reference));
        } else {
            rest = after.get(2..).unwrap_or_default();
        }
    }
    let literal = raw.get(literal_from..).unwrap_or_default();
    if !literal.is_empty() {
        found.push(Segment::Literal(literal));
    }
    found
}

/// The names that `raw` refers to.
pub fn names(raw: &str) -> BTreeSet<String> {
    segments(raw)
        .into_iter()
        .filter_map(|segment| match segment {
            Segment::Reference(reference) => Some(reference.name.to_owned()),
            Segment::Literal(_) => None,
        })
        .collect()
}

/// The reference that `text` starts with: `${`, a name, perhaps `:-` and anything but `}`, `}`.
fn reference_at(text: &str) -> Option<Reference<'_>> {
    let inner = text.strip_prefix("${")?;
    let name_end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, behind) = inner.split_at(name_end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let default = match behind.strip_prefix(":-") {
        Some(rest) => Some(rest.split_once('}')?.0),
        None if behind.starts_with('}') => None,
        None => return None,
    };
    let length = "${}".len() + name.len() + default.map_or(0, |default| ":-".len() + default.len());
    Some(Reference { whole: text.get(..length)?, name, default })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(raw: &str) -> (String, Vec<String>) {
        let mut variables = Variables::default();
        variables.set("SET", "value");
        variables.set("EMPTY", "");
        let expanded = variables.expand(raw);
        (expanded.value, expanded.unknown.into_iter().collect())
    }

    #[test]
    fn expands_as_the_client_does() {
        for (raw, expected) in [
            ("a${SET}b", "avalueb"),
            ("${SET:-x}", "value"),
            ("${EMPTY:-x}", ""),
            ("${UNSET:-x}", "x"),
            ("${UNSET:-${HOME}}", "${HOME}"),
            ("$SET", "$SET"),
            ("${SET-b}", "${SET-b}"),
            ("${SET%x}", "${SET%x}"),
            ("$${SET}", "$value"),
            ("${", "${"),
            ("${}", "${}"),
            ("${${SET}", "${value"),
        ] {
            assert_eq!(expand(raw).0, expected, "{raw}");
        }
    }

    #[test]
    fn what_never_ends_costs_no_more_than_it_is_long() {
        for raw in ["${".repeat(1 << 20), "${A:-".repeat(1 << 20), "${".repeat(1 << 20) + "}"] {
            assert_eq!(segments(&raw).len(), 1);
        }
        assert_eq!(segments(&("${A:-".repeat(1 << 20) + "}")).len(), 1);
    }

    #[test]
    fn what_only_a_shell_knows_is_unknown() {
        assert_eq!(expand("https://${HOST}/"), ("https://${HOST}/".into(), vec!["HOST".into()]));
        assert_eq!(names("${A}${B:-c}$D").into_iter().collect::<Vec<_>>(), ["A", "B"]);
    }
}
