//! Where a server is: a URL as the client's engine parses it (WHATWG), in the parts that are compared.

use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// The parts of a URL that decide whom the client contacts and what it asks for. The fragment is never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `https`, `http`, `wss`, …, in lower case.
    pub scheme: String,
    /// What stands before `@`, percent-encoded, empty when nothing does. Secret.
    pub userinfo: String,
    /// The host: lower case, punycode, IPv6 in brackets.
    pub host: String,
    /// The port, the scheme's own where none is written.
    pub port: Option<u16>,
    /// The path, percent-encoded.
    pub path: String,
    /// The query without `?`. Its values are secret.
    pub query: Option<String>,
}

/// What kind of place a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostClass {
    /// This machine.
    Loopback,
    /// An IP address.
    Address,
    /// A name.
    Name,
}

impl Endpoint {
    /// Parses a URL; `None` when the client's engine would not take it or it names no host.
    pub fn parse(raw: &str) -> Option<Self> {
        let url = Url::parse(raw).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?.trim_end_matches('.').to_owned();
        let mut userinfo = url.username().to_owned();
        if let Some(password) = url.password() {
            userinfo.push(':');
            userinfo.push_str(password);
        }
        Some(Self {
            scheme: url.scheme().to_owned(),
            userinfo,
            host,
            port: url.port_or_known_default(),
            path: url.path().to_owned(),
            query: url.query().map(str::to_owned),
        })
    }

    /// Whether the host is this machine, an address or a name.
    pub fn host_class(&self) -> HostClass {
        host_class(&self.host)
    }

    /// Whether what is sent is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.scheme.as_str(), "https" | "wss")
    }
}

/// The host with its punycode labels decoded, as a person would see it in an address bar that hides nothing.
pub fn readable_host(host: &str) -> String {
    url::quirks::domain_to_unicode(host)
}

/// What kind of place `host` (as [`Endpoint::host`] spells it) is.
pub fn host_class(host: &str) -> HostClass {
    let loopback_v4 = |address: Ipv4Addr| address.is_loopback() || address.is_unspecified();
    match Host::parse(host) {
        Ok(Host::Ipv4(address)) if loopback_v4(address) => HostClass::Loopback,
        Ok(Host::Ipv6(address)) if is_loopback_v6(address) => HostClass::Loopback,
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => HostClass::Address,
        _ if host == "localhost" || host.ends_with(".localhost") => HostClass::Loopback,
        _ => HostClass::Name,
    }
}

fn is_loopback_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback() || v4.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place_are_one_endpoint() {
        let plain = Endpoint::parse("https://mcp.linear.app/mcp").unwrap();
        for same in [
            "HTTPS://MCP.Linear.APP/mcp",
            "https://mcp.linear.app:443/mcp",
            "https://mcp.linear.app./mcp",
            "https:\\\\mcp.linear.app\\mcp",
            " https://mcp.linear.app/mcp\n",
            "https://mcp.lin%65ar.app/mcp#x",
            "https://mcp.linear.app/a/../mcp",
        ] {
            assert_eq!(Endpoint::parse(same).as_ref(), Some(&plain), "{same}");
        }
        assert_eq!(Endpoint::parse("https://mcp.lіnear.app/").unwrap().host, "mcp.xn--lnear-n2e.app");
        assert_eq!(Endpoint::parse("https://a@b@evil.test/").unwrap().host, "evil.test");
        assert_eq!(Endpoint::parse("https:///"), None);
    }

    #[test]
    fn this_machine_is_known_in_every_spelling() {
        for loopback in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "[::1]",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
        ] {
            let endpoint = Endpoint::parse(&format!("http://{loopback}:1/")).unwrap();
            assert_eq!(endpoint.host_class(), HostClass::Loopback, "{loopback}");
        }
        assert_eq!(Endpoint::parse("http://10.0.0.1/").unwrap().host_class(), HostClass::Address);
        assert_eq!(Endpoint::parse("http://h.example/").unwrap().host_class(), HostClass::Name);
    }
}
