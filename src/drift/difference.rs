//! A difference before it is known on whose word it stands.

use crate::model::drift::{Drift, Source};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::subject::Subject;
use crate::model::text::Text;
use crate::model::value::Value;

/// One component that differs, and what to say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What kind.
    pub kind: DriftKind,
    /// How much it matters; the kind's own level unless circumstances say otherwise.
    pub level: Level,
    /// The component.
    pub field: String,
    /// What it should be.
    pub expected: Option<Text>,
    /// What it is.
    pub observed: Option<Text>,
    /// One sentence, without secrets.
    pub summary: String,
}

impl Difference {
    /// A difference of that kind, at its own level.
    pub fn new(kind: DriftKind, field: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            kind,
            level: kind.default_level(),
            field: field.into(),
            expected: None,
            observed: None,
            summary: summary.into(),
        }
    }

    /// At another level.
    #[must_use]
    pub fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// With the two contents.
    #[must_use]
    pub fn between(mut self, expected: Option<Text>, observed: Option<Text>) -> Self {
        (self.expected, self.observed) = (expected, observed);
        self
    }

    /// As a drift from what `source` says.
    pub fn from(self, source: Source, baseline: Option<String>) -> Drift {
        Drift {
            kind: self.kind,
            level: self.level,
            field: Some(self.field),
            expected: self.expected,
            observed: self.observed,
            source,
            baseline,
            summary: self.summary,
            finding: None,
        }
    }

    /// As a finding about `about`, which no baseline is needed for.
    pub fn found(self, about: String) -> Drift {
        let finding = Subject::Finding { kind: self.kind, about: format!("{about} {}", self.field) };
        Drift { finding: Some(finding), ..self.from(Source::Lint, None) }
    }
}

/// A value in one line, for a drift's expected and observed. Strings stand bare, the rest as JSON.
pub(super) fn one_line(value: &Value) -> Text {
    match value {
        Value::Text(text) => text.clone(),
        other => {
            let mut text = Text::default();
            write(other, &mut text);
            text
        }
    }
}

fn write(value: &Value, out: &mut Text) {
    match value {
        Value::Text(text) => {
            out.push_plain("\"");
            out.push_text(text);
            out.push_plain("\"");
        }
        Value::List(items) => {
            out.push_plain("[");
            for (index, item) in items.iter().enumerate() {
                out.push_plain(if index > 0 { ", " } else { "" });
                write(item, out);
            }
            out.push_plain("]");
        }
        Value::Object(members) => {
            out.push_plain("{");
            for (index, (name, value)) in members.iter().enumerate() {
                out.push_plain(if index > 0 { ", " } else { "" });
                out.push_plain(name);
                out.push_plain(": ");
                write(value, out);
            }
            out.push_plain("}");
        }
        Value::Deep(_) => out.push_plain("‹nested too deeply to show›"),
        scalar => out.push_plain(&scalar.revealed().to_string()),
    }
}
