//! Syslog over TLS: who is believed, who is not, and who we say that we are.

use super::kit::{agent, closed_file, configure, number, status, with_sinks};
use super::receiver::messages;
use crate::support::{Scratch, wait_until};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};

/// An authority, and what it has signed.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for that name, and its key, in PEM.
    pub(crate) fn sign(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// A receiver with that certificate, which asks for one of `clients` if there are any.
fn receive(
    shown: &(rcgen::Certificate, KeyPair),
    clients: Option<&Authority>,
) -> (u16, Arc<Mutex<Vec<i64>>>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = match clients {
        None => builder.unwrap().with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.unwrap().with_client_cert_verifier(verifier.unwrap())
        }
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(shown.1.serialize_der()));
    let config = Arc::new(builder.with_single_cert(vec![shown.0.der().clone()], key).unwrap());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let log: Arc<Mutex<Vec<i64>>> = Arc::default();
    let taken = log.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let (mut stream, mut read) = (StreamOwned::new(connection, stream), Vec::new());
            // One that is not believed ends before it has said anything.
            let _end = stream.read_to_end(&mut read);
            taken.lock().unwrap().extend(messages(&mut read).iter().map(number));
        }
    });
    (port, log)
}

fn sink(scratch: &Scratch, port: u16, authority: &Authority, more: &str) -> String {
    let ca = scratch.path("ca.pem");
    closed_file(&ca, &authority.pem());
    let url = format!("tls://localhost:{port}");
    format!("[[sink]]\nname = \"siem\"\ntype = \"syslog\"\nurl = \"{url}\"\nca = {ca:?}\n{more}\n")
}

#[test]
fn a_receiver_that_proves_who_it_is_gets_everything() {
    let authority = Authority::new();
    let (port, log) = receive(&authority.sign("localhost"), None);
    let scratch = with_sinks("");
    configure(&scratch, &sink(&scratch, port, &authority, ""));
    let watch = agent(&scratch);
    wait_until("all of it arrives", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let arrived = log.lock().unwrap().clone();
    assert!(arrived.len() >= 2 && arrived.is_sorted(), "{arrived:?}");
}

#[test]
fn another_name_or_another_authority_gets_nothing() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for (shown, why) in [
        (ours.sign("elsewhere.test"), "not valid for name"),
        (theirs.sign("localhost"), "invalid peer certificate"),
    ] {
        let (port, log) = receive(&shown, None);
        let scratch = with_sinks("");
        configure(&scratch, &sink(&scratch, port, &ours, ""));
        let mut watch = agent(&scratch);
        watch.line_with(&["sink-failing", "is not trusted", why]);
        assert!(log.lock().unwrap().is_empty());
    }
}

#[test]
fn we_say_who_we_are_where_that_is_asked() {
    let authority = Authority::new();
    let (port, log) = receive(&authority.sign("localhost"), Some(&authority));
    let scratch = with_sinks("");
    configure(&scratch, &sink(&scratch, port, &authority, ""));
    let mut watch = agent(&scratch);
    watch.line_with(&["sink-failing"]);
    assert!(log.lock().unwrap().is_empty());
    let (certificate, key) = authority.sign("agent");
    let (cert_file, key_file) = (scratch.path("own.pem"), scratch.path("own.key"));
    closed_file(&cert_file, &certificate.pem());
    closed_file(&key_file, &key.serialize_pem());
    configure(
        &scratch,
        &sink(&scratch, port, &authority, &format!("cert = {cert_file:?}\nkey = {key_file:?}")),
    );
    watch.signal("HUP");
    wait_until("all of it arrives", || {
        let sink = &status(&scratch)["sinks"][0];
        sink["pending"] == 0 && sink["last_error"].is_null()
    });
    assert!(!log.lock().unwrap().is_empty());
}
