//! Judgements for the tests of this module's files. Knows nothing of how they are shown.

use crate::model::drift::{Drift, Judgement, Source};
use crate::model::kind::DriftKind;
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::{Client, Format, Scope, Surface};
use crate::model::text::Text;
use crate::model::value::{Members, Value};
use std::path::PathBuf;

/// The home that everything stands in.
pub(crate) const HOME: &str = "/home/a";

/// An entry with this URL and a header of which the value is secret.
pub(crate) fn entry(url: &str) -> Value {
    let header = Members::from_iter([("X-Key".to_owned(), Value::Text(Text::secret("hunter2")))]);
    Value::Object(Members::from_iter([
        ("type".to_owned(), Value::plain("http")),
        ("url".to_owned(), Value::plain(url)),
        ("headers".to_owned(), Value::Object(header)),
    ]))
}

/// A drift of that kind at its usual level.
pub(crate) fn drift(kind: DriftKind, source: Source) -> Drift {
    Drift {
        kind,
        level: kind.default_level(),
        field: Some("url.host".to_owned()),
        expected: Some(Text::plain("mcp.linear.app")),
        observed: Some(Text::plain("127.0.0.1")),
        source,
        baseline: Some("7".to_owned()),
        summary: format!("This is a sentence about {kind} that is long enough to need a second line."),
        finding: None,
    }
}

/// A server whose host moved.
pub(crate) fn server(name: &str, scope: Scope, project: Option<&str>) -> Judgement {
    let project = project.map(PathBuf::from);
    Judgement {
        subject: Subject::Server { scope, project: project.clone(), name: name.to_owned() },
        surface: Surface {
            file: PathBuf::from(HOME).join(".claude.json").into(),
            scope,
            format: Format::ClaudeJson,
            project: None,
            plugin: None,
            client: Client::ClaudeCode,
        },
        project,
        server: Some(name.to_owned()),
        line: Some(42),
        expected: Some(entry("https://mcp.linear.app/mcp")),
        observed: Some(entry("http://127.0.0.1:8080/mcp")),
        raw: Secret::new(""),
        drifts: vec![drift(DriftKind::EndpointHostChanged, Source::Approval)],
        ruled_by: None,
    }
}
