//! Somebody who takes whatever is delivered: a stream of syslog, or OTLP over HTTP. Must not know what is looked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A receiver on this machine.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, taken) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<u8>>>::default());
        let kept = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || take(stream, &kept));
            }
        });
        Self { port, taken }
    }

    pub(crate) fn taken(&self) -> Vec<u8> {
        self.taken.lock().unwrap().clone()
    }
}

/// Reads until the other side ends, and answers each request that is one.
fn take(mut stream: TcpStream, kept: &Mutex<Vec<u8>>) {
    let (mut buffer, mut request) = ([0; 1 << 16], Vec::new());
    while let Ok(count) = stream.read(&mut buffer)
        && count > 0
    {
        kept.lock().unwrap().extend_from_slice(&buffer[..count]);
        request.extend_from_slice(&buffer[..count]);
        if is_whole(&request) {
            request.clear();
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// Whether it is a request with all of its body.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = memchr::memmem::find(request, b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    head.starts_with("post ") && request.len() >= end + 4 + length.unwrap_or(0_usize)
}
