//! What a person reads about a drift kind: what it means, why it matters, when it is harmless, what to do.
//! One text for each kind in `kinds/`. Knows nothing of a drift's circumstances.

use crate::model::kind::DriftKind;

macro_rules! explanations {
    ($($variant:ident: $id:literal,)+) => {
        /// The text about `kind`, in Markdown that a terminal shows well. A kind without a text does not
        /// compile.
        pub fn explanation(kind: DriftKind) -> &'static str {
            match kind {
                $(DriftKind::$variant => include_str!(concat!("kinds/", $id, ".md")),)+
            }
        }
    };
}

explanations! {
    EndpointLookalike: "endpoint-lookalike",
    EndpointUserinfo: "endpoint-userinfo",
    OauthAuthServerChanged: "oauth-auth-server-changed",
    DefenseDisabled: "defense-disabled",
    EndpointHostChanged: "endpoint-host-changed",
    EndpointSchemeDowngraded: "endpoint-scheme-downgraded",
    ServerDenied: "server-denied",
    ServerShadowed: "server-shadowed",
    CommandChanged: "command-changed",
    EnvInjected: "env-injected",
    HeadersHelperChanged: "headers-helper-changed",
    HookChanged: "hook-changed",
    HelperChanged: "helper-changed",
    SettingsRedirect: "settings-redirect",
    PermissionsWidened: "permissions-widened",
    ConfigReplaced: "config-replaced",
    ConfigUnreadable: "config-unreadable",
    EndpointSuspicious: "endpoint-suspicious",
    ServerAdded: "server-added",
    TransportChanged: "transport-changed",
    EndpointPortChanged: "endpoint-port-changed",
    EndpointSchemeChanged: "endpoint-scheme-changed",
    ArgsChanged: "args-changed",
    HeadersChanged: "headers-changed",
    OauthScopesWidened: "oauth-scopes-widened",
    OauthClientChanged: "oauth-client-changed",
    ApprovalWidened: "approval-widened",
    SecretExposed: "secret-exposed",
    DuplicateKey: "duplicate-key",
    ConfigPermissions: "config-permissions",
    EndpointPathChanged: "endpoint-path-changed",
    EnvChanged: "env-changed",
    OauthScopesChanged: "oauth-scopes-changed",
    OauthCallbackChanged: "oauth-callback-changed",
    FieldChanged: "field-changed",
    ServerRemoved: "server-removed",
    TrustGranted: "trust-granted",
    TargetChanged: "target-changed",
    ConfigUnparsable: "config-unparsable",
    ConfigMissing: "config-missing",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::level::Level;

    const SECTIONS: [&str; 4] =
        ["## What it means", "## Why it matters", "## When it is harmless", "## What to do"];

    /// The lines of one section, the empty ones left out.
    fn section(text: &str, heading: &str) -> Vec<String> {
        text.lines()
            .skip_while(|line| *line != heading)
            .skip(1)
            .take_while(|line| !line.starts_with("## "))
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_text_bears_its_kind_as_heading() {
        for kind in DriftKind::ALL {
            assert_eq!(explanation(*kind).lines().next(), Some(format!("# {kind}").as_str()));
        }
    }

    #[test]
    fn every_text_has_the_four_sections_in_order() {
        for kind in DriftKind::ALL {
            let text = explanation(*kind);
            let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, SECTIONS, "{kind}");
            for heading in SECTIONS {
                assert!(!section(text, heading).is_empty(), "{kind}: {heading} is empty");
            }
        }
    }

    #[test]
    fn every_text_names_the_default_level() {
        for kind in DriftKind::ALL {
            let meaning = section(explanation(*kind), SECTIONS[0]);
            let level = meaning.iter().find_map(|line| line.strip_prefix("Level: ")).unwrap_or_default();
            let word = level.split([' ', ',', '.']).next().unwrap_or_default();
            assert_eq!(word.parse::<Level>(), Ok(kind.default_level()), "{kind}");
        }
    }

    #[test]
    fn every_text_tells_the_command_to_type_next() {
        for kind in DriftKind::ALL {
            let steps = section(explanation(*kind), SECTIONS[3]).join("\n");
            assert!(steps.contains("mcpwatch diff"), "{kind}");
        }
    }

    #[test]
    fn every_text_fits_a_terminal() {
        for kind in DriftKind::ALL {
            let text = explanation(*kind);
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{kind}: ends with one line break");
            for line in text.lines() {
                assert!(line.chars().count() <= 78, "{kind}: {line}");
                assert!(line == line.trim_end() && !line.contains('\t'), "{kind}: {line}");
            }
        }
    }
}
