//! A vendor of well-known remote MCP servers. Knows nothing of how the catalogue is written down.

/// One vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// Its name, as it writes it.
    pub name: String,
    /// Names that a person would give its server, in lower case.
    pub aliases: Vec<String>,
    /// The exact hosts of its official endpoints.
    pub hosts: Vec<String>,
    /// Domains that it owns: a host in one of them is the vendor's own, known or not.
    pub domains: Vec<String>,
    /// Where the endpoints are documented.
    pub source: String,
    /// Whether they were confirmed there.
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
