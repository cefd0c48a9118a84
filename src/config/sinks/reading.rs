//! Reads `[[sink]]` tables, each key with its place. Must not know what a sink does with them.

use super::SinkConfig;
use super::address::Address;
use super::target::{FileTarget, OtlpTarget, SyslogTarget, Target, Tls, Token, Transport};
use crate::config::reader::{self, Problems, Section};
use crate::model::event::AgentAction;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::line::{Facility, Format, Payload};
use crate::model::secret::Secret;
use crate::model::selection::Selection;
use std::time::Duration;
use toml::de::DeValue;

/// Keys that every sink has.
const COMMON: [&str; 7] = ["name", "type", "level", "kinds", "from", "batch", "timeout"];

/// More sinks than this are a mistake.
const MOST: usize = 32;

/// Every sink of the file. `top` is its outermost table.
pub(in crate::config) fn sinks(top: &Section<'_, '_>, problems: &mut Problems<'_>) -> Vec<SinkConfig> {
    let mut sinks: Vec<SinkConfig> = Vec::new();
    for table in top.tables("sink", problems) {
        if sinks.len() == MOST {
            table.refuse("name", &format!("is one of more than {MOST} sinks"), problems);
            break;
        }
        let Some(sink) = sink(&table, problems) else { continue };
        if sinks.iter().any(|other| other.name == sink.name) {
            table.refuse(
                "name",
                "is another sink's too: what a sink has taken is kept under its name",
                problems,
            );
        }
        sinks.push(sink);
    }
    sinks
}

fn sink(table: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<SinkConfig> {
    let name = table.required("name", problems, name);
    let kind = table.required("type", problems, kind);
    let (kind, name) = (kind?, name.unwrap_or_default());
    let known: Vec<&str> = COMMON.iter().chain(kind.keys()).copied().collect();
    table.only(&known, problems);
    let selection = Selection {
        level: table.read("level", problems, level),
        kinds: table.read("kinds", problems, kinds).unwrap_or_default(),
    };
    let begin = table.read("from", problems, reader::word).unwrap_or_default();
    let batch = table.read("batch", problems, batch).unwrap_or(500);
    let timeout = table.read("timeout", problems, timeout).unwrap_or(Duration::from_secs(10));
    let target = kind.target(table, problems)?;
    Some(SinkConfig { name, selection, begin, batch, timeout, target })
}

/// What `type` may say.
#[derive(Clone, Copy)]
enum Kind {
    File,
    Stdout,
    Syslog,
    Journald,
    Otlp,
    Prometheus,
}

impl Kind {
    /// The keys that this one has beside the common ones.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::File => &["path", "format", "max_size", "max_age", "keep"],
            Self::Stdout => &["format"],
            Self::Syslog => &["url", "payload", "facility", "max_message", "confirm", "ca", "cert", "key"],
            Self::Journald => &["path"],
            Self::Otlp => &["url", "headers", "token_file", "token_credential", "gzip", "ca", "cert", "key"],
            Self::Prometheus => &["path"],
        }
    }

    fn target(self, table: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<Target> {
        match self {
            Self::File => Some(Target::File(FileTarget {
                path: table.required("path", problems, reader::path)?,
                format: table.read("format", problems, reader::word).unwrap_or(Format::Jsonl),
                max_size: table.read("max_size", problems, reader::size).unwrap_or(100 << 20),
                max_age: table.read("max_age", problems, reader::duration),
                keep: table.read("keep", problems, keep).unwrap_or(10),
            })),
            Self::Stdout => {
                let format = table.read("format", problems, reader::word).unwrap_or(Format::Jsonl);
                Some(Target::Stdout(format))
            }
            Self::Syslog => syslog(table, problems).map(Target::Syslog),
            Self::Journald => {
                let usual = || "/run/systemd/journal/socket".into();
                let socket = table.read("path", problems, reader::path).unwrap_or_else(usual);
                Some(Target::Journald { socket })
            }
            Self::Otlp => otlp(table, problems).map(Target::Otlp),
            Self::Prometheus => {
                let path = table.required("path", problems, reader::path)?;
                if path.extension().is_none_or(|ending| ending != "prom") {
                    table.refuse(
                        "path",
                        "must end in .prom: the node exporter reads no other file",
                        problems,
                    );
                }
                Some(Target::Prometheus { path })
            }
        }
    }
}

fn syslog(table: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<SyslogTarget> {
    let tls = tls(table, problems);
    let transport = table.required("url", problems, transport)?;
    let transport = match transport {
        Transport::Tls(address, _) => Transport::Tls(address, tls),
        other => {
            forbid_tls(table, "url = \"tls://…\"", problems);
            other
        }
    };
    Some(SyslogTarget {
        transport,
        payload: table.read("payload", problems, reader::word).unwrap_or(Payload::Json),
        facility: table.read("facility", problems, reader::word).unwrap_or(Facility::Authpriv),
        max_message: table.read("max_message", problems, message).unwrap_or(8000),
        confirm: table.read("confirm", problems, reader::truth).unwrap_or(true),
    })
}

fn otlp(table: &Section<'_, '_>, problems: &mut Problems<'_>) -> Option<OtlpTarget> {
    let tls = tls(table, problems);
    let (url, is_plain, stays_here) = table.required("url", problems, http)?;
    if is_plain {
        forbid_tls(table, "url = \"https://…\"", problems);
    }
    let headers = table.texts("headers", problems, header);
    let file = table.read("token_file", problems, reader::path).map(Token::File);
    let credential = table.read("token_credential", problems, credential).map(Token::Credential);
    if file.is_some() && credential.is_some() {
        table.refuse("token_credential", "and \"token_file\" are both given: name one", problems);
    }
    let token = file.or(credential);
    if is_plain && !stays_here && (token.is_some() || !headers.is_empty()) {
        table.refuse("url", "must begin with https:// where a token or a header goes along", problems);
    }
    let gzip = table.read("gzip", problems, reader::truth).unwrap_or(true);
    Some(OtlpTarget { url, headers, token, tls, gzip })
}

fn tls(table: &Section<'_, '_>, problems: &mut Problems<'_>) -> Tls {
    let mut path = |key| table.read(key, problems, reader::path);
    let (ca, cert, key) = (path("ca"), path("cert"), path("key"));
    match (&cert, &key) {
        (Some(_), None) => table.refuse("cert", "needs \"key\" beside it", problems),
        (None, Some(_)) => table.refuse("key", "needs \"cert\" beside it", problems),
        _ => {}
    }
    Tls { ca, own: cert.zip(key) }
}

/// What is said of certificates has no meaning without TLS, and whoever wrote it believes otherwise.
fn forbid_tls(table: &Section<'_, '_>, with: &str, problems: &mut Problems<'_>) {
    for key in ["ca", "cert", "key"] {
        table.refuse(key, &format!("has no meaning without {with}"), problems);
    }
}

fn kind(value: &DeValue<'_>) -> Result<Kind, String> {
    match value.as_str() {
        Some("file") => Ok(Kind::File),
        Some("stdout") => Ok(Kind::Stdout),
        Some("syslog") => Ok(Kind::Syslog),
        Some("journald") => Ok(Kind::Journald),
        Some("otlp") => Ok(Kind::Otlp),
        Some("prometheus") => Ok(Kind::Prometheus),
        _ => Err("must be file, stdout, syslog, journald, otlp or prometheus".to_owned()),
    }
}

/// A name that can stand in a file name, a metric and a log line as it is.
fn name(value: &DeValue<'_>) -> Result<String, String> {
    const WANTED: &str = "must be a name of up to 64 letters, digits, - and _";
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = value.as_str().filter(|name| (1..=64).contains(&name.len()) && name.chars().all(is_word));
    name.map(str::to_owned).ok_or_else(|| WANTED.to_owned())
}

fn level(value: &DeValue<'_>) -> Result<Level, String> {
    const WANTED: &str = "must be informational, low, medium, high or critical";
    value.as_str().and_then(|word| word.parse().ok()).ok_or_else(|| WANTED.to_owned())
}

fn kinds(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    const WANTED: &str = "must be a list of drift kinds and actions, such as [\"endpoint-host-changed\"]; \
                          mcpwatch rules explain names them";
    let is_known = |word: &&str| word.parse::<DriftKind>().is_ok() || word.parse::<AgentAction>().is_ok();
    let items = value.as_array().filter(|items| !items.is_empty()).ok_or(WANTED)?;
    let kinds = items.iter().map(|item| item.get_ref().as_str().filter(is_known).map(str::to_owned));
    kinds.collect::<Option<_>>().ok_or_else(|| WANTED.to_owned())
}

fn whole(value: &DeValue<'_>, least: u64, most: u64) -> Result<u64, String> {
    let number = value.as_integer().and_then(|number| number.as_str().parse::<u64>().ok());
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

fn batch(value: &DeValue<'_>) -> Result<usize, String> {
    whole(value, 1, 10_000).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

fn keep(value: &DeValue<'_>) -> Result<usize, String> {
    whole(value, 1, 1000).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// RFC 5424 wants receivers to take 2048 bytes, and IPv4 carries no more than 65507 in a datagram.
fn message(value: &DeValue<'_>) -> Result<usize, String> {
    whole(value, 2048, 65_507).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

fn timeout(value: &DeValue<'_>) -> Result<Duration, String> {
    let timeout = reader::duration(value)?;
    if timeout > Duration::from_secs(300) { Err("must be at most 5m".to_owned()) } else { Ok(timeout) }
}

fn transport(value: &DeValue<'_>) -> Result<Transport, String> {
    const WANTED: &str = "must be udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or unix:///PATH";
    let (scheme, rest) = value.as_str().and_then(|url| url.split_once("://")).ok_or(WANTED)?;
    let address = |usual| Address::parse(rest.trim_end_matches('/'), usual).ok_or_else(|| WANTED.to_owned());
    match scheme {
        "udp" => address(Some(514)).map(Transport::Udp),
        // No port of syslog over a plain stream was ever agreed on.
        "tcp" => address(None).map(Transport::Tcp),
        "tls" => address(Some(6514)).map(|address| Transport::Tls(address, Tls::default())),
        "unix" if rest.starts_with('/') => Ok(Transport::Unix(rest.into())),
        _ => Err(WANTED.to_owned()),
    }
}

/// The address, whether it is not encrypted, and whether it leads to this machine.
fn http(value: &DeValue<'_>) -> Result<(String, bool, bool), String> {
    const WANTED: &str = "must be http://HOST:PORT/PATH or https://HOST/PATH without a user or a query";
    let url = value.as_str().ok_or(WANTED)?;
    let (scheme, rest) = url.split_once("://").ok_or(WANTED)?;
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let address = Address::parse(host, Some(if scheme == "https" { 443 } else { 80 })).ok_or(WANTED)?;
    let is_path = path.chars().all(|c| c.is_ascii_graphic() && !"?#\"<>\\^`{|}".contains(c));
    if !is_path || !matches!(scheme, "http" | "https") {
        return Err(WANTED.to_owned());
    }
    Ok((url.to_owned(), scheme == "http", address.is_loopback()))
}

/// A header's value: what a line of HTTP can hold.
fn header(name: &str, value: &str) -> Result<(String, Secret), String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let is_value = |c: char| c.is_ascii_graphic() || c == ' ' || c == '\t';
    if name.is_empty() || !name.chars().all(is_token) || !value.chars().all(is_value) {
        return Err("must be a header that HTTP can carry".to_owned());
    }
    if ["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection"]
        .iter()
        .any(|taken| name.eq_ignore_ascii_case(taken))
    {
        return Err("is set by mcpwatch itself".to_owned());
    }
    Ok((name.to_owned(), Secret::new(value)))
}

fn credential(value: &DeValue<'_>) -> Result<String, String> {
    const WANTED: &str = "must be the name of a credential: see LoadCredential= in systemd.exec(5)";
    let name =
        value.as_str().filter(|name| !name.is_empty() && !name.starts_with('.') && !name.contains('/'));
    name.map(str::to_owned).ok_or_else(|| WANTED.to_owned())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
