//! A collector that takes OTLP over HTTP: requests in protobuf, answers as the protocol has them. Must not know what an
//! event says.

use super::format::stored;
use super::proof::{Own, Proof, provider};
use super::said::said;
use super::{Accepted, Sink, SinkError};
use crate::config::{OtlpTarget, Token};
use crate::export::otlp::{self, messages::Answer};
use crate::host::clock::Clock;
use crate::host::secret_input::{credential, secret_input};
use crate::model::outgoing::Outgoing;
use crate::model::secret::Secret;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{Timestamp, Zoned, fmt::rfc2822};
use prost::Message as _;
use std::io::Write as _;
use std::time::Duration;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};

/// No answer is larger.
const MOST_ANSWER: u64 = 64 << 10;

/// How long to wait where the protocol says not to try again: somebody has to put something right first.
const STUBBORN: Duration = Duration::from_secs(60);

const PROTOBUF: &str = "application/x-protobuf";

/// A collector.
pub struct OtlpSink {
    target: OtlpTarget,
    timeout: Duration,
    clock: &'static dyn Clock,
    client: Option<Client>,
}

/// What requests are made with. It is made anew after a failure: certificates and tokens are renewed.
struct Client {
    agent: Agent,
    token: Option<Secret>,
}

impl OtlpSink {
    /// Connects to nobody yet.
    pub fn new(target: OtlpTarget, timeout: Duration, clock: &'static dyn Clock) -> Self {
        Self { target, timeout, clock, client: None }
    }

    fn client(&self) -> Result<Client, SinkError> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            // A token must not be led elsewhere, be it by an answer or by a variable.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .max_response_header_size(16 << 10)
            .user_agent(concat!("mcpwatch/", env!("CARGO_PKG_VERSION")));
        if self.target.url.starts_with("https:") {
            let Proof { roots, own } = Proof::read(&self.target.tls)?;
            let roots: Vec<Certificate<'static>> =
                roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect();
            let tls = TlsConfig::builder()
                .provider(TlsProvider::Rustls)
                .unversioned_rustls_crypto_provider(provider())
                .root_certs(RootCerts::new_with_certs(&roots))
                .client_cert(own.as_ref().map(client_certificate).transpose()?)
                .build();
            config = config.tls_config(tls).https_only(true);
        }
        let token = self.target.token.as_ref().map(token).transpose()?;
        Ok(Client { agent: config.build().new_agent(), token })
    }

    fn post(&self, client: &Client, body: &[u8]) -> Result<Response<Body>, SinkError> {
        let mut request = client.agent.post(&self.target.url).header(header::CONTENT_TYPE, PROTOBUF);
        if self.target.gzip {
            request = request.header(header::CONTENT_ENCODING, "gzip");
        }
        for (name, value) in &self.target.headers {
            request = request.header(name, value.reveal());
        }
        if let Some(token) = &client.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.reveal()));
        }
        request.send(body).map_err(|error| self.failed(&said(&error.to_string()), None))
    }

    fn failed(&self, why: &str, after: Option<Duration>) -> SinkError {
        SinkError::Failed { why: format!("{}: {why}", self.target.url), after }
    }

    /// What an answer means, see "OTLP/HTTP Response" in the protocol.
    fn judge(&self, mut answer: Response<Body>) -> Result<Accepted, SinkError> {
        let status = answer.status();
        let after = retry_after(&answer, self.clock.now());
        let is_json = answer.body().mime_type() == Some("application/json");
        let body = answer.body_mut().with_config().limit(MOST_ANSWER).read_to_vec();
        let body = body.map_err(|error| self.failed(&said(&error.to_string()), None))?;
        if status.is_success() {
            return self.accepted(&body, is_json);
        }
        let words = Status::decode(body.as_slice()).map(|status| said(&status.message)).unwrap_or_default();
        let why = format!("it answered {status}{}{words}", if words.is_empty() { "" } else { ": " });
        match status {
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(SinkError::Refused(format!("{}: {why}", self.target.url)))
            }
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Err(self.failed(&why, after)),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(self.failed(&format!("{why}; check the token and the headers"), Some(STUBBORN)))
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                Err(self
                    .failed(&format!("{why}; check the path of the url, /v1/logs as a rule"), Some(STUBBORN)))
            }
            _ => Err(self.failed(&why, Some(STUBBORN))),
        }
    }

    /// It took the request; perhaps not all that was in it.
    fn accepted(&self, body: &[u8], is_json: bool) -> Result<Accepted, SinkError> {
        let partial = if is_json {
            let said: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            said.get("partialSuccess").map(|partial| {
                // Numbers of 64 bits are texts in the JSON of protobuf.
                let rejected = partial.get("rejectedLogRecords");
                let rejected = rejected.and_then(|number| number.as_i64().or(number.as_str()?.parse().ok()));
                let why = partial.get("errorMessage").and_then(|why| why.as_str()).unwrap_or_default();
                (rejected.unwrap_or(0), why.to_owned())
            })
        } else {
            let answer = Answer::decode(body)
                .map_err(|_| self.failed("it answers, and not as a receiver of OTLP does", Some(STUBBORN)))?;
            answer.partial_success.map(|partial| (partial.rejected_log_records, partial.error_message))
        };
        let refused = partial.and_then(|(rejected, why)| Some((u64::try_from(rejected).ok()?, said(&why))));
        if let Some((0, why)) = refused.as_ref().filter(|(_, why)| !why.is_empty()) {
            tracing::warn!(url = self.target.url, why, "a receiver has something to say of what it took");
        }
        Ok(Accepted { is_sure: true, refused: refused.filter(|(rejected, _)| *rejected > 0) })
    }
}

impl Sink for OtlpSink {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        let body = otlp::request(batch.iter().map(stored)).encode_to_vec();
        let body = if self.target.gzip { compressed(&body)? } else { body };
        let client = match self.client.take() {
            Some(client) => client,
            None => self.client()?,
        };
        let accepted = self.post(&client, &body).and_then(|answer| self.judge(answer))?;
        self.client = Some(client);
        Ok(accepted)
    }

    fn reopen(&mut self) {
        self.client = None;
    }
}

/// `google.rpc.Status`, which an error's body may be.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
}

fn compressed(body: &[u8]) -> Result<Vec<u8>, SinkError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.map_err(|error| SinkError::failed(format!("a request cannot be compressed: {error}")))
}

fn client_certificate(own: &Own) -> Result<ClientCert, SinkError> {
    let chain: Vec<Certificate<'static>> =
        own.certificates.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
    let key = PrivateKey::from_pem(own.key.reveal().as_bytes());
    let key = key.map_err(|_| SinkError::failed("our private key cannot be used"))?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

fn token(token: &Token) -> Result<Secret, SinkError> {
    let path = match token {
        Token::File(path) => path.clone(),
        Token::Credential(name) => credential(name).ok_or_else(|| {
            SinkError::failed(format!(
                "systemd gave no credentials: add LoadCredential={name}:FILE to the service"
            ))
        })?,
    };
    let bytes = secret_input(&path).map_err(|refusal| SinkError::failed(refusal.to_string()))?;
    let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SinkError::failed(format!("{} holds no token: one word is expected", path.display())));
    }
    Ok(Secret::new(text))
}

/// `Retry-After`: seconds, or a date.
fn retry_after(answer: &Response<Body>, now: Timestamp) -> Option<Duration> {
    let text = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at: Zoned = rfc2822::parse(text).ok()?;
    Duration::try_from(at.timestamp().duration_since(now)).ok()
}
