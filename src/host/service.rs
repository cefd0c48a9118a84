//! Talking to the service manager that started us: ready, well, reloading, stopping. Must not know what the agent
//! does, and never holds it up: where nobody listens, nothing is said.

use rustix::time::{ClockId, clock_gettime};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A service manager that does not take a line for so long does not get it.
const PATIENCE: Duration = Duration::from_secs(1);
/// More than this of a status is shown nowhere.
const LONGEST_STATUS: usize = 500;

/// The service manager, if one wants to hear of us. Its variables stay in our environment; nothing here starts
/// a program that could inherit them.
#[derive(Debug, Default)]
pub struct Service {
    line: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
    has_failed: AtomicBool,
}

impl Service {
    /// The one that `NOTIFY_SOCKET` names, as systemd sets it.
    pub fn from_environment() -> Self {
        Self::new(&|name| std::env::var_os(name), std::process::id())
    }

    fn new(variable: &dyn Fn(&str) -> Option<OsString>, pid: u32) -> Self {
        let line = variable("NOTIFY_SOCKET").and_then(|name| {
            let address = address(&name);
            if address.is_none() {
                tracing::debug!(
                    "NOTIFY_SOCKET names no socket that can be used; the service manager is not told"
                );
            }
            let socket = UnixDatagram::unbound().ok()?;
            socket.set_write_timeout(Some(PATIENCE)).ok()?;
            Some((socket, address?))
        });
        let number = |name: &str| variable(name)?.to_str()?.parse::<u64>().ok();
        let is_ours = variable("WATCHDOG_PID").is_none() || number("WATCHDOG_PID") == Some(pid.into());
        let watchdog = number("WATCHDOG_USEC").filter(|limit| *limit > 0 && is_ours);
        Self {
            line,
            watchdog: watchdog.map(|limit| Duration::from_micros(limit) / 2),
            has_failed: AtomicBool::new(false),
        }
    }

    /// Says that every watch stands (also after [`Service::reloading`]).
    pub fn ready(&self, status: &str) {
        self.send(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// Says how it goes, in a few words for `systemctl status`.
    pub fn status(&self, text: &str) {
        self.send(&format!("STATUS={}", one_line(text)));
    }

    /// Says that configuration and templates are being read anew; [`Service::ready`] ends it.
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        let now = Duration::from_secs(seconds) + Duration::from_nanos(now.tv_nsec.unsigned_abs());
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.as_micros()));
    }

    /// Says that all is well, for the watchdog.
    pub fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// Says that the end has begun.
    pub fn stopping(&self) {
        self.send("STOPPING=1");
    }

    /// How often [`Service::alive`] is to be said: twice as often as the service manager wants. `None` when it
    /// does not wait for it.
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    fn send(&self, message: &str) {
        let Some((socket, address)) = &self.line else { return };
        if let Err(error) = socket.send_to_addr(message.as_bytes(), address)
            && !self.has_failed.swap(true, Ordering::Relaxed)
        {
            tracing::debug!(%error, "the service manager could not be told");
        }
    }
}

/// A path, or `@` and a name in the abstract namespace. Nothing else is a socket of this machine.
fn address(name: &OsString) -> Option<SocketAddr> {
    match name.as_bytes().split_first()? {
        (b'/', _) => SocketAddr::from_pathname(Path::new(name)).ok(),
        (b'@', rest) => abstract_address(rest),
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> Option<SocketAddr> {
    use std::os::linux::net::SocketAddrExt as _;
    SocketAddr::from_abstract_name(name).ok()
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_: &[u8]) -> Option<SocketAddr> {
    None
}

/// A status is one line: in a second one, a hostile name could say that the main process is another.
fn one_line(text: &str) -> String {
    text.chars().take(LONGEST_STATUS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(socket: &str, watchdog: &[(&str, &str)]) -> Service {
        let variable = |name: &str| {
            let found =
                watchdog.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
            found.or_else(|| (name == "NOTIFY_SOCKET").then(|| socket.into()))
        };
        Service::new(&variable, 7)
    }

    fn next(socket: &UnixDatagram) -> String {
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut bytes = [0; 1024];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn each_message_is_what_the_protocol_says() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let service = service(path.to_str().unwrap(), &[]);
        service.ready("watching\nMAINPID=1");
        assert_eq!(next(&socket), "READY=1\nSTATUS=watching MAINPID=1");
        service.status("3 homes");
        assert_eq!(next(&socket), "STATUS=3 homes");
        service.reloading();
        let reloading = next(&socket);
        let now: u64 = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().parse().unwrap();
        assert!(now > 0);
        service.alive();
        assert_eq!(next(&socket), "WATCHDOG=1");
        service.stopping();
        assert_eq!(next(&socket), "STOPPING=1");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_abstract_socket_works_too() {
        use std::os::linux::net::SocketAddrExt as _;
        let name = format!("mcpwatch-test-{}", std::process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        service(&format!("@{name}"), &[]).alive();
        assert_eq!(next(&socket), "WATCHDOG=1");
    }

    #[test]
    fn where_nobody_listens_nothing_happens() {
        for socket in ["/nowhere/at/all", "", "@", "relative", "vsock:2:1"] {
            let service = service(socket, &[]);
            service.ready("x");
            service.stopping();
        }
        Service::default().alive();
        // A reader that is stuck holds nobody up for long.
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("notify");
        let _stuck = UnixDatagram::bind(&path).unwrap();
        let service = service(path.to_str().unwrap(), &[]);
        while !service.has_failed.load(Ordering::Relaxed) {
            service.alive();
        }
    }

    #[test]
    fn the_watchdog_is_ours_or_not() {
        let every = |variables: &[(&str, &str)]| service("/x", variables).watchdog();
        let half = Some(Duration::from_secs(15));
        assert_eq!(every(&[("WATCHDOG_USEC", "30000000")]), half);
        assert_eq!(every(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "7")]), half);
        assert_eq!(every(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "8")]), None);
        assert_eq!(every(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "x")]), None);
        assert_eq!(every(&[("WATCHDOG_USEC", "0")]), None);
        assert_eq!(every(&[("WATCHDOG_USEC", "soon")]), None);
        assert_eq!(every(&[]), None);
    }
}
