//! What a service manager is told: that every watch stands, that it lives, that it ends.

use super::kit::{captured, led_to};
use crate::support::{PATIENCE, Scratch, Watch};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Instant;

/// The socket that the service manager listens on.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    fn of(scratch: &Scratch) -> Self {
        let socket = UnixDatagram::bind(scratch.path("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket }
    }

    fn command(scratch: &Scratch) -> Command {
        let mut command = scratch.command();
        command.env("NOTIFY_SOCKET", scratch.path("notify")).arg("watch");
        command
    }

    /// Waits for a message that says so, in one of its lines.
    fn hears(&self, word: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut buffer = [0; 4096];
        let mut heard = Vec::new();
        while Instant::now() < deadline {
            let Ok(length) = self.socket.recv(&mut buffer) else { break };
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if message.lines().any(|line| line == word) {
                return;
            }
            heard.push(message);
        }
        panic!("{word} was not heard, but {heard:?}");
    }
}

#[test]
fn ready_is_said_when_every_watch_stands() {
    let scratch = captured();
    let manager = Manager::of(&scratch);
    let mut watch = Watch::spawn(Manager::command(&scratch));
    manager.hears("READY=1");
    // At once, without asking whether it runs.
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    assert!(scratch.is_running());
    watch.signal("TERM");
    manager.hears("STOPPING=1");
    assert_eq!(watch.stop("CONT").0, Some(0), "it ends by itself");
}

#[test]
fn running_and_ready_are_said_together() {
    let scratch = captured();
    let manager = Manager::of(&scratch);
    let _watch = Watch::spawn(Manager::command(&scratch));
    manager.hears("READY=1");
    assert!(scratch.is_running());
}

#[test]
fn the_watchdog_is_told_that_it_lives_while_nothing_happens() {
    let scratch = captured();
    let manager = Manager::of(&scratch);
    let mut command = Manager::command(&scratch);
    command.env("WATCHDOG_USEC", "300000");
    let watch = scratch.start(command);
    manager.hears("READY=1");
    let start = Instant::now();
    for _ in 0..6 {
        manager.hears("WATCHDOG=1");
    }
    // In each half of the time that it has, as systemd asks for.
    eprintln!("six times in {:?}", start.elapsed());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_service_manager_that_is_gone_is_no_trouble() {
    let scratch = captured();
    let mut command = Manager::command(&scratch);
    command.env("WATCHDOG_USEC", "300000");
    let mut watch = scratch.start(command);
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_socket_without_a_name_in_the_file_system_is_spoken_to_as_well() {
    use std::os::linux::net::SocketAddrExt as _;
    let scratch = captured();
    let name = format!("mcpwatch-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let manager = Manager { socket: UnixDatagram::bind_addr(&address).unwrap() };
    manager.socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = scratch.command();
    command.env("NOTIFY_SOCKET", format!("@{name}")).arg("watch");
    let _watch = Watch::spawn(command);
    manager.hears("READY=1");
}
