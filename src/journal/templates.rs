//! The signed templates that were in force last. Must not know what they say, nor whether they still count: their
//! signature tells that.

use super::error::JournalError;
use super::open::Journal;
use crate::model::event::identity::{path_from_text, path_text};
use crate::model::template::SignedTemplate;
use serde::{Deserialize, Serialize};

/// As what they are sealed.
const KIND: &str = "template";

/// What is sealed of one.
#[derive(Serialize, Deserialize)]
struct Sealed {
    dir: String,
    file: String,
    name: String,
    version: u64,
    content: Vec<u8>,
    signature: String,
}

impl Journal {
    /// All that are remembered. One that was tampered with is not among them: it is remembered again when it is read.
    pub fn signed_templates(&self) -> Result<Vec<SignedTemplate>, JournalError> {
        let mut templates = Vec::new();
        for (name, plain) in self.sealed_of(KIND)? {
            match plain.as_deref().and_then(template) {
                Some(template) => templates.push(template),
                None => tracing::warn!(name, "a remembered template was tampered with"),
            }
        }
        Ok(templates)
    }

    /// Remembers those in the place of the former ones of their names.
    pub fn remember_templates(&mut self, templates: &[SignedTemplate]) -> Result<(), JournalError> {
        for template in templates {
            let sealed = Sealed {
                dir: path_text(&template.dir),
                file: path_text(&template.file),
                name: template.name.clone(),
                version: template.version,
                content: template.content.clone(),
                signature: template.signature.clone(),
            };
            let plain = serde_json::to_vec(&sealed).map_err(|error| JournalError::Other {
                path: self.path.clone(),
                reason: error.to_string(),
            })?;
            let name = serde_json::json!([sealed.dir, sealed.name]).to_string();
            self.put_sealed(KIND, &name, &plain)?;
        }
        Ok(())
    }
}

fn template(plain: &[u8]) -> Option<SignedTemplate> {
    let Sealed { dir, file, name, version, content, signature } = serde_json::from_slice(plain).ok()?;
    let (dir, file) = (path_from_text(&dir)?, path_from_text(&file)?);
    Some(SignedTemplate { dir, file, name, version, content, signature })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(version: u64) -> SignedTemplate {
        SignedTemplate {
            dir: "/etc/b".into(),
            file: "/etc/b/acme.json".into(),
            name: "acme".to_owned(),
            version,
            content: b"{\"token\":\"hunter2\"}".to_vec(),
            signature: "untrusted comment: x".to_owned(),
        }
    }

    #[test]
    fn the_last_one_of_a_name_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&dir.path().join("state")).unwrap();
        journal.remember_templates(&[template(3)]).unwrap();
        journal.remember_templates(&[template(4)]).unwrap();
        assert_eq!(journal.signed_templates().unwrap(), [template(4)]);
        assert!(!format!("{:?}", template(4)).contains("hunter2"));
    }
}
