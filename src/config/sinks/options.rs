//! The words that a sink's options take. Must not know what is done with them.

use std::str::FromStr;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $listed:literal { $($(#[$said:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$said])* $variant,)+ }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($listed),
                }
            }
        }
    };
}

words! {
    /// What a line of a file is.
    FileFormat: "jsonl, ecs-flat, ocsf, cef or syslog" {
        /// The document as the journal keeps it.
        Jsonl = "jsonl",
        /// ECS with dotted keys.
        EcsFlat = "ecs-flat",
        /// OCSF Detection Finding.
        Ocsf = "ocsf",
        /// ArcSight's Common Event Format.
        Cef = "cef",
        /// A line of RFC 5424 with the document.
        Syslog = "syslog",
    }
}

words! {
    /// What a syslog message says.
    Payload: "json or cef" {
        /// The document.
        Json = "json",
        /// ArcSight's Common Event Format.
        Cef = "cef",
    }
}

words! {
    /// Under which facility syslog files it.
    Facility: "user, daemon, auth, authpriv, or local0 to local7" {
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

impl FromStr for super::Begin {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "beginning" => Ok(Self::Beginning),
            "end" => Ok(Self::End),
            _ => Err("beginning or end"),
        }
    }
}
