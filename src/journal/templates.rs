//! The signed templates that were in force last. Must not know what they say, nor whether they still count: their
//! signature tells that.

use super::error::JournalError;
use super::open::Journal;
use super::seal::SealError;
use super::tables::failed;
use crate::model::event::identity::{path_from_text, path_text};
use crate::model::template::SignedTemplate;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// What is sealed of one.
#[derive(Serialize, Deserialize)]
struct Sealed {
    file: String,
    version: u64,
    content: Vec<u8>,
    signature: String,
}

impl Journal {
    /// All that are remembered. One that was tampered with is not among them: it is remembered again when it is read.
    pub fn signed_templates(&self) -> Result<Vec<SignedTemplate>, JournalError> {
        let failed = failed(&self.path);
        let mut select = self
            .connection
            .prepare_cached("SELECT dir, name, sealed FROM templates ORDER BY dir, name")
            .map_err(failed)?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
        let mut templates = Vec::new();
        for row in rows {
            let (dir, name, sealed): (String, String, Vec<u8>) = row.map_err(failed)?;
            match self.open_template(&dir, &name, &sealed) {
                Some(template) => templates.push(template),
                None => tracing::warn!(dir, name, "a remembered template was tampered with"),
            }
        }
        Ok(templates)
    }

    /// Remembers those in the place of the former ones of their names.
    pub fn remember_templates(&mut self, templates: &[SignedTemplate]) -> Result<(), JournalError> {
        let mut rows = Vec::with_capacity(templates.len());
        for template in templates {
            let (dir, name) = (path_text(&template.dir), &template.name);
            let sealed = Sealed {
                file: path_text(&template.file),
                version: template.version,
                content: template.content.clone(),
                signature: template.signature.clone(),
            };
            let plain = serde_json::to_vec(&sealed).map_err(|error| self.other(error.to_string()))?;
            let sealed = self.sealer.seal(&place(&dir, name), &plain).map_err(|error| match error {
                SealError::NoRandomness(reason) => JournalError::NoRandomness(reason),
                SealError::TooLarge => self.other("a template is too large to be kept".to_owned()),
            })?;
            rows.push((dir, name, sealed));
        }
        self.write(|transaction, path| {
            let mut insert = transaction
                .prepare_cached("INSERT OR REPLACE INTO templates (dir, name, sealed) VALUES (?1, ?2, ?3)")
                .map_err(failed(path))?;
            let mut each = rows.iter();
            each.try_for_each(|(dir, name, sealed)| insert.execute((dir, name, sealed)).map(drop))
                .map_err(failed(path))
        })
    }

    fn open_template(&self, dir: &str, name: &str, sealed: &[u8]) -> Option<SignedTemplate> {
        let plain = self.sealer.open(&place(dir, name), sealed)?;
        let Sealed { file, version, content, signature } = serde_json::from_slice(&plain).ok()?;
        let (dir, file) = (path_from_text(dir)?, path_from_text(&file)?);
        Some(SignedTemplate { dir, file, name: name.to_owned(), version, content, signature })
    }

    fn other(&self, reason: String) -> JournalError {
        JournalError::Other { path: self.path.clone(), reason }
    }
}

fn place(dir: &str, name: &str) -> String {
    serde_json::json!(["template", dir, name]).to_string()
}

/// Takes over all of them from another journal under the same key: each is sealed by itself.
pub(super) fn take_over(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    let mut select = from.prepare("SELECT dir, name, sealed FROM templates")?;
    let mut insert = to.prepare("INSERT INTO templates (dir, name, sealed) VALUES (?1, ?2, ?3)")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (dir, name, sealed): (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        insert.execute((dir, name, sealed))?;
    }
    Ok(())
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
    fn the_last_one_of_a_name_is_remembered_and_nobody_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&dir.path().join("state")).unwrap();
        journal.remember_templates(&[template(3)]).unwrap();
        journal.remember_templates(&[template(4)]).unwrap();
        assert_eq!(journal.signed_templates().unwrap(), [template(4)]);
        let sealed: Vec<u8> =
            journal.connection.query_row("SELECT sealed FROM templates", [], |row| row.get(0)).unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        journal.connection.execute("UPDATE templates SET name = 'other'", []).unwrap();
        assert_eq!(journal.signed_templates().unwrap(), [], "moved to another name");
    }
}
