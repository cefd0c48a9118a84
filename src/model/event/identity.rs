//! What a subject is, as JSON, and back: the same subject always gives the same text. Must not know what the
//! text is used for.

use crate::model::subject::Subject;
use crate::model::surface::Scope;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Marks a path that is no UTF-8 and stands in hexadecimal. No absolute path starts like this.
const RAW: &str = "raw:";

/// A subject as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectIdentity {
    /// `server`, `setting`, `file`, `managed`, `target` or `finding`.
    pub kind: &'static str,
    /// What tells it from others of its kind.
    pub identity: Value,
}

/// The identity of a subject. Keys stand in alphabetical order, so that the text is the same however a JSON
/// object keeps them.
pub fn subject_identity(subject: &Subject) -> SubjectIdentity {
    let project = |project: &Option<PathBuf>| project.as_deref().map(path_text);
    let (kind, identity) = match subject {
        Subject::Server { scope, project: of, name } => {
            ("server", json!({ "name": name, "project": project(of), "scope": scope.as_str() }))
        }
        Subject::Setting { file, project: of, key } => {
            ("setting", json!({ "file": path_text(file), "key": key, "project": project(of) }))
        }
        Subject::File(file) => ("file", json!({ "file": path_text(file) })),
        Subject::Managed(file) => ("managed", json!({ "file": path_text(file) })),
        Subject::Target(file) => ("target", json!({ "file": path_text(file) })),
        Subject::Finding { kind, about } => ("finding", json!({ "about": about, "kind": kind.as_str() })),
    };
    SubjectIdentity { kind, identity }
}

/// The subject of that identity; `None` when it is none.
pub fn subject_from_identity(kind: &str, identity: &Value) -> Option<Subject> {
    let text = |name: &str| identity.get(name)?.as_str();
    let path = |name: &str| path_from_text(text(name)?);
    // A project that is there and cannot be read is an error, not "no project".
    let project = || match identity.get("project") {
        None | Some(Value::Null) => Some(None),
        Some(_) => path("project").map(Some),
    };
    Some(match kind {
        "server" => Subject::Server {
            scope: Scope::from_word(text("scope")?)?,
            project: project()?,
            name: text("name")?.to_owned(),
        },
        "setting" => {
            Subject::Setting { file: path("file")?, project: project()?, key: text("key")?.to_owned() }
        }
        "file" => Subject::File(path("file")?),
        "managed" => Subject::Managed(path("file")?),
        "target" => Subject::Target(path("file")?),
        "finding" => Subject::Finding { kind: text("kind")?.parse().ok()?, about: text("about")?.to_owned() },
        _ => return None,
    })
}

/// A path as text, without loss.
pub fn path_text(path: &Path) -> String {
    match path.to_str() {
        Some(text) if !text.starts_with(RAW) => text.to_owned(),
        _ => path.as_os_str().as_bytes().iter().fold(RAW.to_owned(), |mut text, byte| {
            text.push_str(&format!("{byte:02x}"));
            text
        }),
    }
}

/// The path of such a text; `None` when it is none.
pub fn path_from_text(text: &str) -> Option<PathBuf> {
    let Some(digits) = text.strip_prefix(RAW) else { return Some(PathBuf::from(text)) };
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    Some(PathBuf::from(OsString::from_vec(bytes?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kind::DriftKind;

    #[test]
    fn every_subject_reads_back() {
        let odd = PathBuf::from(OsString::from_vec(b"/p/\xff".to_vec()));
        for subject in [
            Subject::Server { scope: Scope::Local, project: Some("/p".into()), name: "a\"b".into() },
            Subject::Server { scope: Scope::User, project: None, name: "a".into() },
            Subject::Setting { file: "/f".into(), project: Some(odd.clone()), key: "hooks.Stop".into() },
            Subject::File("/f".into()),
            Subject::Managed("raw:61".into()),
            Subject::Target(odd),
            Subject::Finding { kind: DriftKind::SecretExposed, about: "server:x".into() },
        ] {
            let identity = subject_identity(&subject);
            let text = identity.identity.to_string();
            let back = subject_from_identity(identity.kind, &serde_json::from_str(&text).unwrap());
            assert_eq!(back, Some(subject));
        }
        assert_eq!(subject_from_identity("server", &json!({ "scope": "none", "name": "x" })), None);
        assert_eq!(subject_from_identity("other", &json!({})), None);
    }
}
