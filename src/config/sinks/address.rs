//! A host and a port as somebody writes them. Pure; resolves no name.

use std::fmt;
use std::net::IpAddr;

/// Where a receiver listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`; `None` when it is neither, or has no port and none is usual.
    pub(super) fn parse(text: &str, usual: Option<u16>) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some(""))?)
            }
            None => text.split_once(':').unwrap_or((text, "")),
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        if host.is_empty() || !host.chars().all(is_word) {
            return None;
        }
        let port = match port {
            "" => usual?,
            digits => digits.parse().ok().filter(|port| *port > 0)?,
        };
        Some(Self { host: host.to_owned(), port })
    }

    /// Whether nothing that is sent there leaves this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        let said = |text| Address::parse(text, Some(514)).map(|address| address.to_string());
        assert_eq!(said("siem.example.com:6514").as_deref(), Some("siem.example.com:6514"));
        assert_eq!(said("10.0.0.1").as_deref(), Some("10.0.0.1:514"));
        assert_eq!(said("[::1]:601").as_deref(), Some("[::1]:601"));
        assert_eq!(said("[::1]").as_deref(), Some("[::1]:514"));
        for wrong in
            ["", ":514", "host:0", "host:70000", "a b:1", "u@host:1", "host/x", "[::1", "[x]:1", "::1"]
        {
            assert_eq!(said(wrong), None, "{wrong}");
        }
        assert_eq!(Address::parse("host", None), None);
    }

    #[test]
    fn what_stays_on_this_machine_is_known() {
        let is_loopback = |host: &str| Address { host: host.into(), port: 1 }.is_loopback();
        assert!(is_loopback("localhost") && is_loopback("127.0.0.2") && is_loopback("::1"));
        assert!(!is_loopback("10.0.0.1") && !is_loopback("localhost.example.com"));
    }
}
