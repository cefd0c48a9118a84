//! Where a sink leads, and what it needs to get there. Must not know how it is read from a file.

use super::address::Address;
use crate::model::line::{Facility, Format, Payload};
use crate::model::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// Where a sink leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of lines.
    File(FileTarget),
    /// Standard output.
    Stdout(Format),
    /// A syslog daemon.
    Syslog(SyslogTarget),
    /// The journal of systemd.
    Journald {
        /// Its socket.
        socket: PathBuf,
    },
    /// A collector that takes OTLP over HTTP.
    Otlp(OtlpTarget),
    /// A file that Prometheus' node exporter reads.
    Prometheus {
        /// The file; its name ends in `.prom`.
        path: PathBuf,
    },
}

/// A file of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileTarget {
    /// The file.
    pub path: PathBuf,
    /// What a line is.
    pub format: Format,
    /// It is rotated when it is larger; 0 for never.
    pub max_size: u64,
    /// It is rotated when it was begun longer ago.
    pub max_age: Option<Duration>,
    /// How many rotated files are kept.
    pub keep: usize,
}

/// A syslog daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogTarget {
    /// How it is reached.
    pub transport: Transport,
    /// What a message says.
    pub payload: Payload,
    /// Under which facility.
    pub facility: Facility,
    /// The most bytes of a message: what is longer is shortened, and says so.
    pub max_message: usize,
    /// Whether a stream is closed after each burst, to learn that all of it was read.
    pub confirm: bool,
}

/// How a syslog daemon is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams, which may be lost.
    Udp(Address),
    /// A stream.
    Tcp(Address),
    /// A stream that is encrypted and whose receiver proves who it is.
    Tls(Address, Tls),
    /// A socket of this machine.
    Unix(PathBuf),
}

/// What a TLS connection needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whose certificates are believed, in PEM; the system's where there is none.
    pub ca: Option<PathBuf>,
    /// Our own certificate and its key, in PEM.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// Where a bearer token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// In a file that others cannot read.
    File(PathBuf),
    /// Among the credentials that systemd hands to the service, under that name.
    Credential(String),
}

/// A collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpTarget {
    /// Where logs are taken, `/v1/logs` as a rule.
    pub url: String,
    /// Further headers.
    pub headers: Vec<(String, Secret)>,
    /// What is sent as bearer token.
    pub token: Option<Token>,
    /// For `https`.
    pub tls: Tls,
    /// Whether requests are compressed.
    pub gzip: bool,
}
