//! The real rsyslog, over TCP, TLS and a socket of this machine: what it writes down is what the journal holds.

use super::kit::{agent, closed_file, compare, configure, number, record, record_all, status, with_sinks};
use super::tls::Authority;
use crate::corpus;
use crate::support::port::free_port;
use crate::support::{Scratch, wait_until};
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Starts it with that input; it writes the message of each event into `dir/out`, line by line.
fn start(dir: &Path, global: &str, input: &str, port: u16) -> Option<Daemon> {
    let configuration = format!(
        "global(workDirectory={dir:?} maxMessageSize=\"64k\" {global})\n{input}\n\
         template(name=\"json\" type=\"string\" string=\"%msg%\\n\")\n\
         *.* action(type=\"omfile\" file=\"{}/out\" template=\"json\")\n",
        dir.display()
    );
    let daemon = run(dir, &configuration)?;
    wait_until("rsyslog listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    Some(daemon)
}

/// Starts it with that configuration; `None` where it is not installed, which is said.
fn run(dir: &Path, configuration: &str) -> Option<Daemon> {
    fs::write(dir.join("rsyslog.conf"), configuration).unwrap();
    let program = ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].into_iter().find(|path| Path::new(path).exists());
    let Some(program) = program else {
        assert!(std::env::var_os("CI").is_none(), "CI must have rsyslog: run ./tests/run as root");
        eprintln!("not run: rsyslog is not here; apt-get install rsyslog rsyslog-gnutls");
        return None;
    };
    let child = Command::new(program)
        .args(["-n", "-f"])
        .arg(dir.join("rsyslog.conf"))
        .arg("-i")
        .arg(dir.join("pid"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Some(Daemon(child))
}

fn delivered(sink: &str, dir: &Path) {
    let scratch = with_sinks("");
    configure(&scratch, sink);
    record(&scratch, 300);
    let watch = agent(&scratch);
    wait_until("all of it is taken", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_written(&scratch, &dir.join("out"));
}

/// What it has written, as soon as that is all, held against the journal.
fn assert_written(scratch: &Scratch, out: &Path) {
    let written = || fs::read_to_string(out).unwrap_or_default();
    wait_until("rsyslog has written the last word", || written().contains("agent-stopped"));
    let arrived: Vec<i64> =
        written().lines().map(|line| number(&serde_json::from_str(line.trim()).unwrap())).collect();
    let compared = compare(scratch, &arrived);
    assert!(
        compared.missing.is_empty() && compared.foreign.is_empty() && compared.is_in_order,
        "{compared:?}"
    );
}

#[test]
fn rsyslog_takes_a_stream() {
    let root = tempfile::tempdir().unwrap();
    let port = free_port();
    let input =
        format!("module(load=\"imtcp\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")");
    let Some(_daemon) = start(root.path(), "", &input, port) else { return };
    let sink = format!("[[sink]]\nname = \"siem\"\ntype = \"syslog\"\nurl = \"tcp://127.0.0.1:{port}\"\n");
    delivered(&sink, root.path());
}

#[test]
fn rsyslog_takes_a_protected_stream() {
    if ![
        "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so",
        "/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so",
    ]
    .iter()
    .any(|path| Path::new(path).exists())
    {
        assert!(std::env::var_os("CI").is_none(), "CI must have rsyslog-gnutls: run ./tests/run as root");
        return eprintln!("not run: rsyslog speaks no TLS here; apt-get install rsyslog-gnutls");
    }
    let root = tempfile::tempdir().unwrap();
    let dir = root.path();
    let authority = Authority::new();
    let (certificate, key) = authority.sign("localhost");
    closed_file(&dir.join("ca.pem"), &authority.pem());
    closed_file(&dir.join("cert.pem"), &certificate.pem());
    closed_file(&dir.join("key.pem"), &key.serialize_pem());
    let global = format!(
        "defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=\"{0}/ca.pem\" \
         defaultNetstreamDriverCertFile=\"{0}/cert.pem\" defaultNetstreamDriverKeyFile=\"{0}/key.pem\"",
        dir.display()
    );
    let port = free_port();
    let input = format!(
        "module(load=\"imtcp\" streamDriver.name=\"gtls\" streamDriver.mode=\"1\" streamDriver.authMode=\"anon\")\n\
         input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")"
    );
    let Some(_daemon) = start(dir, &global, &input, port) else { return };
    let ca = dir.join("ca.pem");
    let sink = format!(
        "[[sink]]\nname = \"siem\"\ntype = \"syslog\"\nurl = \"tls://localhost:{port}\"\nca = {ca:?}\n"
    );
    delivered(&sink, dir);
}

#[test]
fn rsyslog_takes_datagrams_with_the_packaged_configuration() {
    let root = tempfile::Builder::new().prefix("mcpwatch-test-").tempdir().unwrap();
    let (socket, out) = (root.path().join("syslog"), root.path().join("received.jsonl"));
    let packaged = include_str!("../../packaging/siem/rsyslog/socket.conf")
        .replace("/run/mcpwatch/syslog", &socket.display().to_string())
        .replace("/var/spool/mcpwatch", &root.path().display().to_string());
    let Some(_daemon) = run(root.path(), &packaged) else { return };
    wait_until("rsyslog listens", || UnixDatagram::unbound().unwrap().connect(&socket).is_ok());
    let scratch = with_sinks("");
    record_all(&scratch, corpus::events());
    let url = format!("unix://{}", socket.display());
    configure(
        &scratch,
        &format!("[[sink]]\nname = \"local\"\ntype = \"syslog\"\nurl = {url:?}\nmax_message = 65507\n"),
    );
    record(&scratch, 3000);
    let watch = agent(&scratch);
    wait_until("all of it is taken", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_written(&scratch, &out);
    assert!(!root.path().join("received.log").exists(), "all of it was understood");
}
