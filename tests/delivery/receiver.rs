//! A syslog daemon over TCP that counts octets. It can be killed as a process is: whatever it has not read is lost, and
//! it takes down what it reads before it takes it out of the socket.

use crate::support::port::free_port;
use serde_json::Value;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What it has taken down, for as many lives as it has.
pub(crate) type Log = Arc<Mutex<Vec<Value>>>;

/// One life of the daemon.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Begins to live; at that port, if it had one before.
    pub(crate) fn start(port: Option<u16>, log: &Log) -> Self {
        let port = port.unwrap_or_else(free_port);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (is_over, log) = (Arc::new(AtomicBool::new(false)), log.clone());
        let heard = is_over.clone();
        let thread = std::thread::spawn(move || live(&listener, &log, &heard));
        Self { port, is_over, thread: Some(thread) }
    }

    /// Dies, with whatever it has not read.
    pub(crate) fn kill(mut self) -> u16 {
        self.end();
        self.port
    }

    fn end(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end();
    }
}

fn live(listener: &TcpListener, log: &Log, is_over: &AtomicBool) {
    let mut streams: Vec<(TcpStream, Vec<u8>)> = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        while let Ok((stream, _)) = listener.accept() {
            stream.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
            streams.push((stream, Vec::new()));
        }
        streams.retain_mut(|(stream, rest)| is_open(stream, rest, log));
        if streams.is_empty() {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Reads some; whether there may be more.
fn is_open(stream: &mut TcpStream, rest: &mut Vec<u8>, log: &Log) -> bool {
    let mut buffer = [0; 16 << 10];
    match stream.peek(&mut buffer) {
        Ok(0) => false,
        Ok(length) => {
            rest.extend_from_slice(&buffer[..length]);
            log.lock().unwrap().extend(messages(rest));
            // Only now is it taken.
            stream.read_exact(&mut buffer[..length]).unwrap();
            true
        }
        Err(error) => {
            use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
            matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
        }
    }
}

/// Takes the whole messages out of what was read, each as the document in it.
pub(crate) fn messages(read: &mut Vec<u8>) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some(space) = read.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&read[..space]).unwrap().parse().unwrap();
        let end = space + 1 + length;
        if read.len() < end {
            break;
        }
        found.push(document(std::str::from_utf8(&read[space + 1..end]).unwrap()));
        read.drain(..end);
    }
    found
}

/// The document in a message of RFC 5424.
pub(crate) fn document(message: &str) -> Value {
    let (header, json) = message.split_once("] ").unwrap_or_else(|| panic!("no message: {message}"));
    assert!(header.starts_with('<') && header.contains(">1 ") && header.contains(" mcpwatch - "), "{header}");
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}
