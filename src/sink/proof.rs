//! Who may prove to be the receiver, and how we prove who we are: certificates and keys from their files. Must not know
//! what is said under their protection.

use super::SinkError;
use crate::config::Tls;
use crate::host::secret_input::secret_input;
use crate::host::trusted::trusted_input;
use crate::model::secret::Secret;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No file of certificates is larger.
const CAP: u64 = 4 << 20;

/// Who we are.
pub(super) struct Own {
    /// Our certificate with those above it.
    pub(super) certificates: Vec<CertificateDer<'static>>,
    /// Its key, in PEM.
    pub(super) key: Secret,
    /// Where that came from.
    file: PathBuf,
}

/// What a connection is protected with.
pub(super) struct Proof {
    /// Whose certificates are believed.
    pub(super) roots: Vec<CertificateDer<'static>>,
    /// Who we are, if that is asked.
    pub(super) own: Option<Own>,
}

impl Proof {
    /// Reads the files anew: certificates are renewed.
    pub(super) fn read(tls: &Tls) -> Result<Self, SinkError> {
        let roots = match &tls.ca {
            Some(ca) => certificates(ca)?,
            None => of_the_system()?,
        };
        let own = tls.own.as_ref().map(|(certificate, key)| {
            let bytes = secret_input(key).map_err(|refusal| SinkError::failed(refusal.to_string()))?;
            let text = String::from_utf8(bytes).unwrap_or_default();
            let own =
                Own { certificates: certificates(certificate)?, key: Secret::new(text), file: key.clone() };
            own.private_key().map(|_| own)
        });
        Ok(Self { roots, own: own.transpose()? })
    }

    /// As a stream needs it.
    pub(super) fn client_config(self) -> Result<ClientConfig, SinkError> {
        let mut roots = RootCertStore::empty();
        // What the system believes in may hold something that is no authority's.
        if roots.add_parsable_certificates(self.roots).0 == 0 {
            return Err(SinkError::failed(
                "none of the certificates to believe in can be used: name others with ca",
            ));
        }
        let failed = |error: rustls::Error| SinkError::failed(format!("TLS cannot be used: {error}"));
        let builder = ClientConfig::builder_with_provider(provider());
        let builder =
            builder.with_safe_default_protocol_versions().map_err(failed)?.with_root_certificates(roots);
        match self.own {
            Some(own) => {
                let key = own.private_key()?;
                builder.with_client_auth_cert(own.certificates, key).map_err(failed)
            }
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

impl Own {
    fn private_key(&self) -> Result<PrivateKeyDer<'static>, SinkError> {
        let failed = |_| SinkError::failed(format!("{} holds no private key in PEM", self.file.display()));
        PrivateKeyDer::from_pem_slice(self.key.reveal().as_bytes()).map_err(failed)
    }
}

/// The one provider of cryptography.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, SinkError> {
    let bytes = trusted_input(file, CAP).map_err(|refusal| SinkError::failed(refusal.to_string()))?.bytes;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| SinkError::failed(format!("{} holds no certificates in PEM", file.display())))
}

fn of_the_system() -> Result<Vec<CertificateDer<'static>>, SinkError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why =
            "this system has no certificates to believe in: install ca-certificates, or name some with ca";
        return Err(SinkError::failed(why));
    }
    Ok(found.certs)
}
