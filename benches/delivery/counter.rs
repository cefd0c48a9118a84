//! A syslog daemon over TCP that counts the messages it reads and keeps none.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What it has read.
#[derive(Default)]
struct Read {
    events: AtomicUsize,
    bytes: AtomicUsize,
}

/// The daemon.
pub(crate) struct Counter {
    pub(crate) port: u16,
    read: Arc<Read>,
}

impl Counter {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let read = Arc::new(Read::default());
        let counted = read.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| count(stream, &counted)));
        Self { port, read }
    }

    pub(crate) fn events(&self) -> usize {
        self.read.events.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.read.bytes.load(Ordering::Relaxed)
    }
}

fn count(mut stream: TcpStream, read: &Read) {
    let (mut buffer, mut rest) = (vec![0; 256 << 10], Vec::new());
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        rest.extend_from_slice(&buffer[..length]);
        let (found, whole) = whole_messages(&rest);
        rest.drain(..whole);
        read.bytes.fetch_add(whole, Ordering::Relaxed);
        read.events.fetch_add(found, Ordering::Relaxed);
    }
}

/// How many whole messages there are, and how many bytes they take.
fn whole_messages(bytes: &[u8]) -> (usize, usize) {
    let (mut found, mut at) = (0, 0);
    while let Some(space) = bytes[at..].iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&bytes[at..at + space]).unwrap().parse().unwrap();
        let end = at + space + 1 + length;
        if bytes.len() < end {
            break;
        }
        (found, at) = (found + 1, end);
    }
    (found, at)
}
