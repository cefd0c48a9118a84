//! A receiver over HTTP that does as it is told: answers, dawdles, lies, hangs up.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What it does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status, further headers, and a body of protobuf.
    Status(u16, &'static str, Vec<u8>),
    /// A body of another type.
    Page(&'static str, &'static str),
    /// Nothing, ever.
    Never,
    /// A good answer, a byte now and then.
    ByteByByte,
    /// Half an answer, and the end.
    Half,
}

/// One request: its headers and its body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
    /// Whether it was answered well.
    pub(crate) is_taken: bool,
}

/// The receiver. It answers in turn, and well when nothing is left to do.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    pub(crate) requests: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, requests: Arc::default(), answers };
        let shared = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        receiver
    }

    /// A sink that leads here.
    pub(crate) fn sink(&self, more: &str) -> String {
        let url = format!("http://127.0.0.1:{}/v1/logs", self.port);
        format!("[[sink]]\nname = \"otel\"\ntype = \"otlp\"\nurl = \"{url}\"\n{more}\n")
    }

    pub(crate) fn taken(&self) -> Vec<Request> {
        self.requests.lock().unwrap().iter().filter(|request| request.is_taken).cloned().collect()
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        while let Some((headers, body)) = read(&mut reader) {
            let answer = self.answers.lock().unwrap().pop_front();
            let answer = answer.unwrap_or(Answer::Status(200, "", Vec::new()));
            let is_taken = matches!(answer, Answer::Status(200, ..));
            self.requests.lock().unwrap().push(Request { headers, body, is_taken });
            match answer {
                Answer::Status(status, more, body) => {
                    let head = head(status, more, "application/x-protobuf", body.len());
                    if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                        return;
                    }
                }
                Answer::Page(mime, page) => {
                    stream
                        .write_all(format!("{}{page}", head(200, "", mime, page.len())).as_bytes())
                        .unwrap();
                }
                Answer::Never => {
                    // Until the other side has had enough.
                    let _end = reader.read(&mut [0]);
                    return;
                }
                Answer::ByteByByte => {
                    for byte in head(200, "", "application/x-protobuf", 0).bytes() {
                        if stream.write_all(&[byte]).is_err() {
                            return;
                        }
                        std::thread::sleep(Duration::from_millis(200));
                    }
                }
                Answer::Half => {
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 10\r\n\r\n\x0a").unwrap();
                    return;
                }
            }
        }
    }
}

fn head(status: u16, more: &str, mime: &str, length: usize) -> String {
    format!("HTTP/1.1 {status} Said\r\ncontent-type: {mime}\r\ncontent-length: {length}\r\n{more}\r\n")
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<(Vec<String>, Vec<u8>)> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => headers.push(line.to_lowercase()),
        }
    }
    let length = headers.iter().find_map(|header| header.strip_prefix("content-length: "))?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((headers, body))
}
