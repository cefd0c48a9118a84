//! The closed list of what the agent does and meets. Must not know when it happens.

use std::fmt;
use std::str::FromStr;

macro_rules! agent_actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $id:literal, $kind:literal, $category:literal, $type:literal;)+) => {
        /// Something that the agent did or met.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AgentAction { $($(#[doc = $doc])+ $variant,)+ }

        impl AgentAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its id: the `event.action`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Its `event.kind`.
            pub fn kind(self) -> &'static str {
                match self { $(Self::$variant => $kind,)+ }
            }

            /// Its `event.category`.
            pub fn category(self) -> &'static str {
                match self { $(Self::$variant => $category,)+ }
            }

            /// Its `event.type`.
            pub fn event_type(self) -> &'static str {
                match self { $(Self::$variant => $type,)+ }
            }
        }
    };
}

agent_actions! {
    /// Every watch stands.
    AgentStarted = "agent-started", "state", "process", "start";
    /// It ends in good order.
    AgentStopped = "agent-stopped", "state", "process", "end";
    /// Configuration and templates were read anew.
    AgentReloaded = "agent-reloaded", "state", "configuration", "change";
    /// The configuration is not used, and why.
    ConfigRejected = "config-rejected", "event", "configuration", "info";
    /// Something changed while it was down.
    AgentGap = "agent-gap", "event", "configuration", "info";
    /// A file was changed and changed again before it could be read.
    ChangeUnread = "change-unread", "event", "file", "change";
    /// A drift stands no longer.
    DriftEnded = "drift-ended", "state", "configuration", "change";
    /// All that was there was approved.
    BaselineCaptured = "baseline-captured", "event", "configuration", "creation";
    /// Something was approved.
    ServerApproved = "server-approved", "event", "configuration", "change";
    /// An approval was taken back.
    ApprovalWithdrawn = "approval-withdrawn", "event", "configuration", "change";
    /// A file was put right.
    ConfigReverted = "config-reverted", "event", "configuration", "change";
    /// A file was not put right, and why.
    RevertRefused = "revert-refused", "event", "configuration", "info";
    /// What was put right was changed again.
    RevertContested = "revert-contested", "alert", "configuration", "change";
    /// A revert was killed, and the next agent cleared up after it.
    RevertCutShort = "revert-cut-short", "event", "file", "change";
    /// A sensor sees less than it should.
    SensorDegraded = "sensor-degraded", "state", "host", "info";
    /// A sensor sees all again.
    SensorRestored = "sensor-restored", "state", "host", "info";
    /// A rule is not used, and why.
    RuleRejected = "rule-rejected", "event", "configuration", "info";
    /// A template is not used, and why.
    TemplateRejected = "template-rejected", "event", "configuration", "info";
    /// Hints were lost; everything is compared again.
    EventsDropped = "events-dropped", "state", "host", "info";
    /// A sink takes nothing.
    SinkFailing = "sink-failing", "state", "host", "info";
    /// A sink takes events again, and has all there are.
    SinkRestored = "sink-restored", "state", "host", "info";
    /// A sink refused events for good.
    SinkRefused = "sink-refused", "event", "host", "info";
    /// The journal cannot be written.
    JournalUnwritable = "journal-unwritable", "state", "host", "info";
    /// The oldest events were dropped from the journal.
    JournalTrimmed = "journal-trimmed", "event", "host", "change";
    /// The journal was deleted, moved or replaced under the agent, and put back; or it was broken and set aside.
    JournalReplaced = "journal-replaced", "alert", "file", "deletion";
    /// The journal can be written again, and has been caught up.
    JournalRestored = "journal-restored", "state", "host", "info";
    /// A login is gone from the credentials file.
    CredentialsLost = "credentials-lost", "alert", "iam", "deletion";
    /// The credentials file is damaged.
    CredentialsDamaged = "credentials-damaged", "alert", "iam", "change";
    /// A person put a lost login back, as it was kept.
    CredentialsRestored = "credentials-restored", "event", "iam", "change";
    /// Somebody else read the credentials file.
    CredentialsRead = "credentials-read", "alert", "file", "access";
    /// A package was installed.
    InstallSeen = "install-seen", "event", "package", "installation";
}

impl fmt::Display for AgentAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AgentAction {
    type Err = String;

    fn from_str(id: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == id)
            .ok_or_else(|| format!("\"{id}\" is no action of the agent"))
    }
}
