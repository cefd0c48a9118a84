//! The catalogue of well-known vendors' official remote endpoints, embedded from `baselines/vendors.json`. It is
//! never in force as a baseline: only the lint asks it whether a server that bears a vendor's name goes there.
//!
//! A vendor is listed only where a server of its name belongs at its own hosts. Products that people host
//! themselves (Grafana, GitLab, MongoDB, n8n) are left out on purpose, and so are domains under which anyone can
//! publish (`netlify.app`, `workers.dev`).

use crate::model::vendor::Vendor;
use serde::Deserialize;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../baselines/vendors.json");

static VENDORS: LazyLock<Vec<Vendor>> = LazyLock::new(|| {
    // NOTE(unreachable): the text is part of this program, and a test reads it.
    serde_json::from_str::<File>(TEXT)
        .map(|file| file.vendors.into_iter().map(Vendor::from).collect())
        .unwrap_or_default()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vendors: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    aliases: Vec<String>,
    hosts: Vec<String>,
    domains: Vec<String>,
    source: String,
    seen: Option<String>,
    verified: bool,
}

impl From<Listed> for Vendor {
    fn from(listed: Listed) -> Self {
        Self {
            name: listed.name,
            aliases: listed.aliases,
            hosts: listed.hosts,
            domains: listed.domains,
            source: listed.source,
            verified: listed.verified && listed.seen.is_some(),
        }
    }
}

/// Every vendor.
pub fn catalogue() -> &'static [Vendor] {
    &VENDORS
}

/// The vendor whose server a person would call `name`; upper and lower case, `_`, blanks and `-` make no
/// difference.
pub fn vendor_by_name(name: &str) -> Option<&'static Vendor> {
    let name: String = name
        .trim()
        .chars()
        .map(|c| if matches!(c, '_' | ' ') { '-' } else { c.to_ascii_lowercase() })
        .collect();
    catalogue().iter().find(|vendor| vendor.aliases.contains(&name))
}

/// The vendor that `host` (lower case, as an endpoint spells it) belongs to: one of its endpoints, or any host in
/// a domain that it owns. An exact host goes before a domain.
pub fn vendor_by_host(host: &str) -> Option<&'static Vendor> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let exact = catalogue().iter().find(|vendor| vendor.hosts.iter().any(|known| known == host));
    exact.or_else(|| catalogue().iter().find(|vendor| vendor.owns(host)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::endpoint::Endpoint;
    use std::collections::BTreeSet;

    #[test]
    fn the_embedded_file_is_read_whole_and_is_consistent() {
        let file: File = serde_json::from_str(TEXT).unwrap();
        assert!(file.vendors.len() >= 40, "{}", file.vendors.len());
        let mut aliases = BTreeSet::new();
        let mut hosts = BTreeSet::new();
        for vendor in &file.vendors {
            assert_eq!(vendor.verified, vendor.seen.is_some(), "{}", vendor.name);
            assert!(vendor.source.starts_with("https://"), "{}", vendor.name);
            assert!(!vendor.aliases.is_empty() && !vendor.hosts.is_empty(), "{}", vendor.name);
            for alias in &vendor.aliases {
                assert!(aliases.insert(alias.clone()), "{alias} stands twice");
                assert_eq!(vendor_by_name(alias).unwrap().name, vendor.name);
            }
            for host in vendor.hosts.iter().chain(&vendor.domains) {
                let parsed = Endpoint::parse(&format!("https://{host}/")).unwrap();
                assert_eq!(parsed.host, *host, "{host} is not spelled as an endpoint spells it");
            }
            for host in &vendor.hosts {
                assert!(hosts.insert(host.clone()), "{host} stands twice");
                assert_eq!(vendor_by_host(host).unwrap().name, vendor.name);
            }
        }
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        for (name, vendor) in [
            ("linear", "Linear"),
            ("Linear-Server", "Linear"),
            ("Hugging Face", "Hugging Face"),
            ("microsoft_learn", "Microsoft Learn"),
            ("github", "GitHub"),
        ] {
            assert_eq!(vendor_by_name(name).unwrap().name, vendor, "{name}");
        }
        for name in ["", "make", "linear2", "grafana"] {
            assert!(vendor_by_name(name).is_none(), "{name}");
        }
    }

    #[test]
    fn only_a_vendors_own_hosts_are_its_own() {
        for (host, vendor) in [
            ("mcp.linear.app", Some("Linear")),
            ("mcp.linear.app.", Some("Linear")),
            ("other.linear.app", Some("Linear")),
            ("linear.app", Some("Linear")),
            ("evillinear.app", None),
            ("mcp.linear.app.evil.test", None),
            ("netlify-mcp.netlify.app", Some("Netlify")),
            ("evil.netlify.app", None),
            ("microsoft365.mcp.claude.com", Some("Microsoft 365")),
        ] {
            assert_eq!(vendor_by_host(host).map(|found| found.name.as_str()), vendor, "{host}");
        }
    }
}
