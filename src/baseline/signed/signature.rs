//! Signatures in minisign's format, as the `minisign` tool makes them. Knows nothing of what is signed.

use minisign_verify::{PublicKey, Signature};
use std::path::Path;

/// Public keys, each of which may sign.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<PublicKey>);

/// Why a public key is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no public key of minisign: write the second line of the .pub file, which begins with RW")]
pub struct KeyProblem;

/// Why a signature does not count. Each is one sentence that says what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// It is no signature at all.
    #[error("its signature cannot be understood: sign it with minisign -S -m {0}")]
    NoSignature(String),
    /// It was made with another key, or for another content.
    #[error("its signature fits none of the public keys: it was changed, or signed with another key")]
    Wrong,
    /// The signature was made for a file of another name.
    #[error(
        "it was signed as {signed_as}, and lies here as {lies_as}: another template was put in its place"
    )]
    OtherFile {
        /// The name in the trusted comment.
        signed_as: String,
        /// The file's name.
        lies_as: String,
    },
    /// The trusted comment names no file.
    #[error(
        "its trusted comment names no file: leave out -t when you sign, or write -t file:{0}, or another template that \
         was signed could take its place"
    )]
    NoFile(String),
}

/// What a good signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The comment that is signed with the content.
    pub comment: String,
}

impl Keys {
    /// Keys as they stand in the second line of a `.pub` file.
    pub fn parse<'k>(keys: impl IntoIterator<Item = &'k str>) -> Result<Self, KeyProblem> {
        let parse = |key: &str| PublicKey::from_base64(key.trim()).map_err(|_| KeyProblem);
        keys.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether nobody may sign.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of the keys signed that content under that file's name.
    pub fn verify(&self, content: &[u8], signature: &str, file: &Path) -> Result<Signed, SignatureProblem> {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let signature =
            Signature::decode(signature).map_err(|_| SignatureProblem::NoSignature(name.clone()))?;
        // The older form, which signs the content itself and not a hash of it, is as good for small files.
        if !self.0.iter().any(|key| key.verify(content, &signature, true).is_ok()) {
            return Err(SignatureProblem::Wrong);
        }
        let comment = signature.trusted_comment();
        match comment.split('\t').find_map(|part| part.strip_prefix("file:")) {
            Some(signed_as) if signed_as == name => Ok(Signed { comment: comment.to_owned() }),
            Some(signed_as) => {
                Err(SignatureProblem::OtherFile { signed_as: signed_as.to_owned(), lies_as: name })
            }
            None => Err(SignatureProblem::NoFile(name)),
        }
    }
}
