//! A `serverUrl` pattern and the URLs it matches, as Claude Code 2.1.329 was seen to match them. Knows nothing
//! of lists, servers or variables.
//!
//! Pattern and URL are both cut into scheme, host, port and path by the rules of the client's engine (WHATWG),
//! and compared part by part. A `*` therefore never reaches out of its part: what stands in a path, a query or
//! before an `@` cannot pass for a host.

use url::{Host, Url};

/// Stands in for `*` while a host is normalised; a word that no rule of host names changes.
const STAR: &str = "mcpwatchstar";

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlPattern {
    /// `*` alone: everything, even what is no URL.
    Any,
    /// Anything else, part by part.
    Parts(Parts),
}

/// The parts of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The scheme; `None` for `*`.
    scheme: Option<String>,
    /// The host, normalised, with its stars.
    host: String,
    /// The port.
    port: Port,
    /// Path and query, normalised, with their stars; `None` when the pattern has no path: any.
    path: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Port {
    /// Not given beside a host with a star.
    Any,
    /// The URL's own spelling: empty for the scheme's default.
    Like(String),
}

impl UrlPattern {
    /// Reads a pattern; `None` when it can match no URL at all, as without a scheme.
    pub fn parse(raw: &str) -> Option<Self> {
        if raw == "*" {
            return Some(Self::Any);
        }
        let clean: String = raw
            .trim_matches(|c: char| c <= ' ')
            .chars()
            .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
            .collect();
        let (scheme, rest) = match clean.strip_prefix("*://").or_else(|| clean.strip_prefix("*//")) {
            Some(rest) => (None, rest),
            None => {
                let (scheme, rest) = named_scheme(&clean)?;
                (Some(scheme), rest)
            }
        };
        let is_special = scheme.as_deref().is_none_or(is_special);
        // Where the scheme is open, a backslash is no slash to the client, and no host has one.
        let backslash = scheme.is_some() && is_special;
        let end = rest.find(|c| matches!(c, '/' | '?' | '#') || c == '\\' && backslash).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end)?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = cut_port(authority);
        let host = normal_host(host, is_special)?;
        let port = port_pattern(port, scheme.as_deref(), host.contains('*'))?;
        let path = match tail {
            "" => None,
            tail if tail.starts_with('#') => None,
            tail => Some(normal_path(scheme.as_deref(), tail)?),
        };
        Some(Self::Parts(Parts { scheme, host, port, path }))
    }

    /// Whether the client would say that `url` matches.
    pub fn matches(&self, url: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Parts(parts) => Url::parse(url).is_ok_and(|url| parts.matches(&url)),
        }
    }
}

impl Parts {
    fn matches(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let port = url.port().map(|port| port.to_string()).unwrap_or_default();
        self.scheme.as_deref().is_none_or(|scheme| scheme == url.scheme())
            && glob(&self.host, without_dot(&host.to_lowercase()))
            && match &self.port {
                Port::Any => true,
                Port::Like(pattern) => glob(pattern, &port),
            }
            && self.path.as_deref().is_none_or(|pattern| glob(pattern, &path_and_query(url)))
    }
}

/// Whether `text` is what `pattern` says, `*` standing for any characters or none. Takes at most the product
/// of both lengths.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star does not fit: that star takes one byte more.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(t) {
        match (pattern.get(p), retry) {
            (Some(b'*'), _) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            (Some(&wanted), _) if wanted == byte => {
                p += 1;
                t += 1;
            }
            (_, Some((after_star, taken))) => {
                retry = Some((after_star, taken + 1));
                p = after_star;
                t = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|&byte| byte == b'*'))
}

/// A literal scheme and what follows its colon and slashes.
fn named_scheme(clean: &str) -> Option<(String, &str)> {
    let (scheme, rest) = clean.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !is_scheme {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let rest =
        if is_special(&scheme) { rest.trim_start_matches(['/', '\\']) } else { rest.strip_prefix("//")? };
    Some((scheme, rest))
}

/// Schemes whose hosts are names and whose backslashes are slashes.
fn is_special(scheme: &str) -> bool {
    default_port(scheme).is_some()
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// Cuts at the colon of the port, if there is one outside of an IPv6 address.
fn cut_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// The pattern's port. A host with a star and no port (the scheme's own counts as none) means every port.
fn port_pattern(port: Option<&str>, scheme: Option<&str>, star_in_host: bool) -> Option<Port> {
    let default = if star_in_host { Port::Any } else { Port::Like(String::new()) };
    match port {
        None | Some("") => Some(default),
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => {
            let number: u16 = port.parse().ok()?;
            let is_default = scheme.and_then(default_port) == Some(number);
            Some(if is_default { default } else { Port::Like(number.to_string()) })
        }
        Some(port) if port.bytes().all(|b| b.is_ascii_digit() || b == b'*') => {
            Some(Port::Like(port.to_owned()))
        }
        Some(_) => None,
    }
}

/// The host as the client's engine spells it, stars kept.
fn normal_host(raw: &str, is_special: bool) -> Option<String> {
    let lower = raw.to_lowercase();
    let stars = lower.matches('*').count();
    let host = if !is_special {
        lower
    } else if stars == 0 {
        Host::parse(raw).ok()?.to_string()
    } else if raw.starts_with('[') {
        lower.bytes().all(|b| b.is_ascii_hexdigit() || b":.[]*".contains(&b)).then_some(lower)?
    } else {
        match Host::parse(&raw.replace('*', STAR)) {
            Ok(Host::Domain(host)) if host.matches(STAR).count() == stars && !lower.contains(STAR) => {
                host.replace(STAR, "*")
            }
            // An address with stars (`10.0.*.1`) is compared as it is written.
            _ => lower.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_*".contains(&b)).then_some(lower)?,
        }
    };
    Some(without_dot(&host).to_owned()).filter(|host| !host.is_empty())
}

/// Path and query as the client's engine spells them; stars pass through.
fn normal_path(scheme: Option<&str>, tail: &str) -> Option<String> {
    if scheme.is_none() && tail.contains('\\') {
        return None;
    }
    let scheme = scheme.unwrap_or("https");
    Url::parse(&format!("{scheme}://h{tail}")).ok().map(|url| path_and_query(&url))
}

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) if !query.is_empty() => format!("{}?{query}", url.path()),
        _ => url.path().to_owned(),
    }
}

fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
#[path = "url_pattern_seen.rs"]
mod seen;

#[cfg(test)]
#[path = "url_pattern_tests.rs"]
mod tests;
