//! The closed list of drift kinds. A new one needs a line here and a text in `drift/kinds/`.

use crate::model::level::Level;
use std::fmt;
use std::str::FromStr;

macro_rules! drift_kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $id:literal, $level:ident;)+) => {
        /// One kind of drift.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DriftKind { $($(#[doc = $doc])+ $variant,)+ }

        impl DriftKind {
            /// Every kind, from the gravest.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its id, as events and rules spell it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// The level it has before circumstances, rules and provenance raise or lower it.
            pub fn default_level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }
        }
    };
}

drift_kinds! {
    /// The host imitates one that is known.
    EndpointLookalike = "endpoint-lookalike", Critical;
    /// Something stands before the `@` of a URL.
    EndpointUserinfo = "endpoint-userinfo", Critical;
    /// Another authorization server is asked for tokens.
    OauthAuthServerChanged = "oauth-auth-server-changed", Critical;
    /// A protection was switched off, or a managed file changed.
    DefenseDisabled = "defense-disabled", Critical;
    /// The client contacts another host.
    EndpointHostChanged = "endpoint-host-changed", High;
    /// Traffic is no longer encrypted.
    EndpointSchemeDowngraded = "endpoint-scheme-downgraded", High;
    /// A template forbids this server.
    ServerDenied = "server-denied", High;
    /// An entry hides another of the same name.
    ServerShadowed = "server-shadowed", High;
    /// Another program is run.
    CommandChanged = "command-changed", High;
    /// A variable that makes programs load or trust something else.
    EnvInjected = "env-injected", High;
    /// The command that makes headers changed.
    HeadersHelperChanged = "headers-helper-changed", High;
    /// A hook was added or changed.
    HookChanged = "hook-changed", High;
    /// Another setting that runs a command changed.
    HelperChanged = "helper-changed", High;
    /// A setting leads traffic elsewhere.
    SettingsRedirect = "settings-redirect", High;
    /// Tools may do more without asking.
    PermissionsWidened = "permissions-widened", High;
    /// The file is no longer the file it was.
    ConfigReplaced = "config-replaced", High;
    /// The file is there and cannot be read.
    ConfigUnreadable = "config-unreadable", High;
    /// An endpoint that looks wrong without any baseline.
    EndpointSuspicious = "endpoint-suspicious", High;
    /// A server that nobody has approved.
    ServerAdded = "server-added", Medium;
    /// Another transport.
    TransportChanged = "transport-changed", Medium;
    /// Another port of the same host.
    EndpointPortChanged = "endpoint-port-changed", Medium;
    /// Another scheme that is not weaker.
    EndpointSchemeChanged = "endpoint-scheme-changed", Medium;
    /// Other arguments.
    ArgsChanged = "args-changed", Medium;
    /// Other headers.
    HeadersChanged = "headers-changed", Medium;
    /// More OAuth scopes are asked for, or they are no longer limited.
    OauthScopesWidened = "oauth-scopes-widened", Medium;
    /// Another OAuth client.
    OauthClientChanged = "oauth-client-changed", Medium;
    /// More project servers or plugins are accepted.
    ApprovalWidened = "approval-widened", Medium;
    /// A literal secret where a reference belongs.
    SecretExposed = "secret-exposed", Medium;
    /// A key that stands twice.
    DuplicateKey = "duplicate-key", Medium;
    /// Others may write the file.
    ConfigPermissions = "config-permissions", Medium;
    /// Another path or query at the same host.
    EndpointPathChanged = "endpoint-path-changed", Low;
    /// Other variables.
    EnvChanged = "env-changed", Low;
    /// Fewer or other OAuth scopes, none added.
    OauthScopesChanged = "oauth-scopes-changed", Low;
    /// Another OAuth callback port.
    OauthCallbackChanged = "oauth-callback-changed", Low;
    /// Any other key of an entry.
    FieldChanged = "field-changed", Low;
    /// A server that was there is gone.
    ServerRemoved = "server-removed", Low;
    /// A directory is trusted.
    TrustGranted = "trust-granted", Low;
    /// A local file that is run has other content.
    TargetChanged = "target-changed", Low;
    /// The client would not take the file.
    ConfigUnparsable = "config-unparsable", Low;
    /// A file that was there is gone.
    ConfigMissing = "config-missing", Low;
}

impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DriftKind {
    type Err = String;

    fn from_str(id: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == id)
            .ok_or_else(|| format!("\"{id}\" is no drift kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_read_back() {
        let ids: BTreeSet<_> = DriftKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(ids.len(), DriftKind::ALL.len());
        for kind in DriftKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
    }

    #[test]
    fn kinds_stand_from_the_gravest() {
        assert!(DriftKind::ALL.windows(2).all(|pair| pair[0].default_level() >= pair[1].default_level()));
    }
}
