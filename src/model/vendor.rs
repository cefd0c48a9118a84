//! Well-known vendors of remote MCP servers.

/// One vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// The name that users give the server.
    pub name: String,
    /// Other such names.
    pub aliases: Vec<String>,
    /// The hosts of its official endpoints.
    pub hosts: Vec<String>,
    /// Domains that it owns; a host below one of them is its own.
    pub domains: Vec<String>,
    /// Where the vendor says so.
    pub source: String,
    /// Whether that was looked up.
    pub verified: bool,
}

impl Vendor {
    /// Whether `host` is the vendor's.
    pub fn owns(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own == host)
            || self.domains.iter().any(|domain| {
                host == domain || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            })
    }
}
