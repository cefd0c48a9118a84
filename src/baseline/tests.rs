//! What the tests of this module share.

use crate::json::{self, Shape};
use crate::model::approval::Approval;
use crate::model::inventory::{Activation, Server};
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::{Client, Format, Scope, Surface};
use crate::model::template::Template;
use crate::model::value::Value;
use crate::model::variables::Variables;
use std::path::{Path, PathBuf};

/// A server of user scope.
pub(super) fn server(name: &str, entry: &str) -> Server {
    server_in(Scope::User, None, name, entry)
}

/// A server of any scope.
pub(super) fn server_in(scope: Scope, project: Option<&str>, name: &str, entry: &str) -> Server {
    let document = json::read(entry, &Shape::Whole).unwrap();
    Server {
        name: name.into(),
        surface: surface(scope),
        project: project.map(PathBuf::from),
        entry: json::entry::entry(&document.root).unwrap().into(),
        raw: Secret::new(entry),
        offset: 0,
        variables: Variables::default(),
        activation: Activation::Enabled,
    }
}

pub(super) fn surface(scope: Scope) -> Surface {
    Surface {
        file: Path::new("/home/dev/.claude.json").into(),
        scope,
        format: Format::ClaudeJson,
        project: None,
        plugin: None,
        client: Client::ClaudeCode,
    }
}

/// A template without a problem.
pub(super) fn template(file: &str, text: &str) -> Template {
    let parsed = super::template::parse(text.into(), Path::new(file));
    assert_eq!(parsed.errors().count(), 0, "{:?}", parsed.problems);
    parsed.template.unwrap()
}

pub(super) fn approval(id: i64, subject: Subject, content: Value) -> Approval {
    Approval {
        id,
        home: Path::new("/home/dev").into(),
        subject,
        content,
        raw: Secret::new(""),
        file: Path::new("/home/dev/.claude.json").into(),
        by: "dev".into(),
        uid: Some(1000),
        at: "2026-01-01T00:00:00Z".into(),
        reason: None,
        expires: None,
        event: None,
    }
}

/// The approval of a server as it stands.
pub(super) fn approval_of(id: i64, server: &Server) -> Approval {
    approval(id, Subject::server(server), server.entry.to_value())
}
