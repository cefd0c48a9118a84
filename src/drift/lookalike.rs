//! Hosts that imitate known ones: confusable letters, punycode, a known host as a label of another domain.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use unicode_security::skeleton;

/// Hosts that are known to be right: those of the baseline and those of well-known vendors. Prepared once, so
/// that a question costs the length of a host and not the number of the known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    hosts: BTreeSet<Arc<str>>,
    domains: HashSet<Arc<str>>,
    /// Hosts and domains, with dashes for dots.
    dashed: HashMap<String, Arc<str>>,
    shapes: HashMap<String, Arc<str>>,
    /// Those that are known besides.
    more: Option<Arc<Known>>,
}

impl Known {
    /// Takes the known hosts, as `Endpoint::host` spells them.
    pub fn new<'h>(hosts: impl IntoIterator<Item = &'h str>) -> Self {
        let mut known = Self::default();
        for host in hosts.into_iter().filter(|host| host.contains('.') && !host.starts_with('[')) {
            let host: Arc<str> = host.into();
            if known.hosts.insert(Arc::clone(&host)) {
                known.domains.insert(domain_of(&host).into());
                known.dashed.insert(host.replace('.', "-"), Arc::clone(&host));
                known.dashed.entry(domain_of(&host).replace('.', "-")).or_insert_with(|| Arc::clone(&host));
                known.shapes.entry(shape(&host)).or_insert(host);
            }
        }
        known
    }

    /// These hosts, and those that are known already: to prepare the many that are always known takes longer than
    /// to judge.
    pub fn beside<'h>(more: &Arc<Self>, hosts: impl IntoIterator<Item = &'h str>) -> Self {
        Self { more: Some(Arc::clone(more)), ..Self::new(hosts) }
    }

    fn layers(&self) -> impl Iterator<Item = &Self> + Clone {
        std::iter::successors(Some(self), |known| known.more.as_deref())
    }

    /// Why `host` looks like an imitation, if it does. `expected` is one more host that is known.
    pub fn imitated_by(&self, host: &str, expected: Option<&str>) -> Option<String> {
        if self.layers().any(|known| known.hosts.contains(host)) || expected == Some(host) {
            return None;
        }
        let one_more = Known::new(expected);
        let all = || one_more.layers().chain(self.layers());
        if suffixes(host).any(|name| all().any(|known| known.domains.contains(name))) {
            return None; // another host of the same domain is a change, not an imitation
        }
        if let Some(known) = all().find_map(|known| known.within(host)) {
            return Some(format!("{host} carries {known} in its name and belongs to somebody else"));
        }
        let readable = readable(host);
        let shape = shape(&readable);
        if let Some(known) = all().find_map(|known| known.shapes.get(&shape)) {
            return Some(if readable == host {
                format!("{host} reads like {known}")
            } else {
                format!("{host} is written with letters that look like {known}")
            });
        }
        host.split('.')
            .any(|label| label.starts_with("xn--") && is_mixed(label))
            .then(|| format!("{host} mixes letters of several scripts, as imitations do"))
    }

    /// The known host whose labels (or its domain's) stand in `host` before somebody else's domain, with dots
    /// or with the dots written as dashes.
    fn within(&self, host: &str) -> Option<&str> {
        for start in suffixes(host) {
            let ends = start.match_indices('.').map(|(at, _)| at).chain([start.len()]);
            for part in ends.filter_map(|end| start.get(..end)) {
                if let Some(known) = self.hosts.get(part).or_else(|| self.domains.get(part)) {
                    return Some(known);
                }
            }
        }
        host.split('.').filter(|label| label.contains('-')).find_map(|label| {
            let whole = self.dashed.get(label).map(|host| &**host);
            whole.or_else(|| {
                let mut long = self.dashed.iter().filter(|(name, _)| name.len() >= 8);
                long.find(|(name, _)| label.contains(name.as_str())).map(|(_, host)| &**host)
            })
        })
    }
}

/// The host, and what is left of it label by label.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |rest| rest.split_once('.').map(|(_, rest)| rest))
}

/// The part of a host that is bought: its last two labels, or three under the likes of `co.uk`.
fn domain_of(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (last, second, third) = (dots.next(), dots.next(), dots.next());
    let middle_is_short =
        matches!((second, last), (Some(second), Some(last)) if last - second <= 4 && host.len() - last == 3);
    let cut = if middle_is_short { third } else { second };
    cut.and_then(|at| host.get(at + 1..)).unwrap_or(host)
}

/// The host with punycode labels decoded.
fn readable(host: &str) -> String {
    if !host.contains("xn--") {
        return host.to_owned();
    }
    crate::model::endpoint::readable_host(host)
}

/// What a reader sees: the skeleton of UTS 39, letters folded, and `rn` taken for `m` as the skeleton does.
fn shape(host: &str) -> String {
    let digits: String = host.chars().map(|c| if c == '0' { 'o' } else { c }).collect();
    skeleton(&digits.to_lowercase()).collect::<String>().to_lowercase().replace('1', "l")
}

fn is_mixed(label: &str) -> bool {
    let readable = readable(label);
    let latin = readable.chars().any(|c| c.is_ascii_alphabetic());
    let other = readable.chars().any(|c| c.is_alphabetic() && !c.is_ascii() && !is_latin(c));
    latin && other
}

fn is_latin(c: char) -> bool {
    matches!(c as u32, 0xC0..=0x24F | 0x1E00..=0x1EFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imitations_are_told_from_other_hosts() {
        let known = Arc::new(Known::new(["mcp.linear.app", "mcp.atlassian.com"]));
        for host in [
            "mcp.linear.app.evil.test",
            "linear.app.evil.test",
            "mcp-linear-app.evil.test",
            "mcp.xn--lnear-n2e.app",
            "mcp.1inear.app",
            "mcp.at1assian.com",
            "rncp.linear.app.test",
            "xn--80ak6aa92e.linear-app-x.test",
        ] {
            let found = known.imitated_by(host, None);
            assert!(found.is_some() || host.starts_with("xn--8"), "{host}");
        }
        for host in [
            "mcp.linear.app",
            "api.linear.app",
            "mcp.example.com",
            "linear.test",
            "atlassian.net",
            "xn--bcher-kva.example",
        ] {
            assert_eq!(known.imitated_by(host, None), None, "{host}");
        }
        assert!(known.imitated_by("git.corp.example.evil.test", Some("git.corp.example")).is_some());
        let both = Known::beside(&known, ["git.corp.example"]);
        for host in ["git.corp.example.evil.test", "mcp.linear.app.evil.test", "mcp.1inear.app"] {
            assert!(both.imitated_by(host, None).is_some(), "{host}");
        }
        for host in ["git.corp.example", "mcp.linear.app", "api.linear.app"] {
            assert_eq!(both.imitated_by(host, None), None, "{host}");
        }
        assert_eq!(domain_of("a.b.co.uk"), "b.co.uk");
        assert_eq!(domain_of("mcp.linear.app"), "linear.app");
    }
}
