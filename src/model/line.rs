//! The words for how an event becomes a line: formats, and what syslog's messages are about and carry. Must not know
//! how any of them is written.

use crate::model::words::words;
use std::fmt;
use std::str::FromStr;

words! {
    /// What a line is.
    Format {
        /// The stored document.
        Jsonl = "jsonl",
        /// The same with dotted names and no objects within.
        EcsFlat = "ecs-flat",
        /// Detection Findings of the Open Cybersecurity Schema Framework.
        Ocsf = "ocsf",
        /// ArcSight's Common Event Format.
        Cef = "cef",
        /// Syslog, RFC 5424, around the stored document.
        Syslog = "syslog",
    }
}

words! {
    /// Under which facility syslog files a message.
    Facility {
        /// User-level messages.
        User = "user",
        /// System daemons.
        Daemon = "daemon",
        /// Security messages.
        Auth = "auth",
        /// Security messages for few eyes.
        Authpriv = "authpriv",
        /// For local use.
        Local0 = "local0",
        /// For local use.
        Local1 = "local1",
        /// For local use.
        Local2 = "local2",
        /// For local use.
        Local3 = "local3",
        /// For local use.
        Local4 = "local4",
        /// For local use.
        Local5 = "local5",
        /// For local use.
        Local6 = "local6",
        /// For local use.
        Local7 = "local7",
    }
}

impl Facility {
    /// Its number in RFC 5424.
    pub fn number(self) -> u8 {
        match self {
            Self::User => 1,
            Self::Daemon => 3,
            Self::Auth => 4,
            Self::Authpriv => 10,
            Self::Local0 => 16,
            Self::Local1 => 17,
            Self::Local2 => 18,
            Self::Local3 => 19,
            Self::Local4 => 20,
            Self::Local5 => 21,
            Self::Local6 => 22,
            Self::Local7 => 23,
        }
    }
}

words! {
    /// What a message carries.
    Payload {
        /// The document as JSON, in ASCII.
        Json = "json",
        /// CEF.
        Cef = "cef",
    }
}

/// Reads one of the words; who was wrong is told all of them.
macro_rules! read {
    ($name:ident: $words:literal) => {
        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or($words)
            }
        }
    };
}

read!(Format: "jsonl, ecs-flat, ocsf, cef or syslog");
read!(Payload: "json or cef");
read!(Facility: "user, daemon, auth, authpriv, or local0 to local7");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_wrong_is_told_every_format() {
        let words = "word".parse::<Format>().unwrap_err();
        assert!(Format::ALL.iter().all(|format| words.contains(format.as_str())), "{words}");
        assert!(Format::ALL.iter().all(|format| format.as_str().parse() == Ok(*format)));
    }
}
