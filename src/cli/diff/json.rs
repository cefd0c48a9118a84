//! What `diff --format json` prints. Its keys are a promise; it knows nothing of the domain's own types but how
//! to take them over.

use crate::model::digest::Key;
use crate::model::drift::{Drift, Judgement};
use crate::model::inventory::SurfaceReading;
use serde::Serialize;
use std::path::Path;

/// The one object.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Document {
    /// Every drift, the gravest first. Empty when everything is as it should be.
    pub(crate) drifts: Vec<DriftRow>,
    /// Every place that was looked at.
    pub(crate) surfaces: Vec<SurfaceRow>,
}

/// One drift. What is not known or does not apply is `null`.
#[derive(Debug, Serialize)]
pub(crate) struct DriftRow {
    /// The drift kind, as `rules explain` takes it.
    kind: &'static str,
    /// `informational`, `low`, `medium`, `high` or `critical`.
    level: &'static str,
    /// The client that reads the file, such as `claude-code`.
    client: &'static str,
    /// `user`, `local`, `project`, `managed` or `plugin`.
    scope: &'static str,
    /// The file, as an absolute path.
    file: String,
    /// The project that it is about.
    project: Option<String>,
    /// The server's name.
    server: Option<String>,
    /// The component that differs, such as `url.host`.
    field: Option<String>,
    /// What it should be; secrets are `‹secret 3f9a1c›`.
    expected: Option<String>,
    /// What it is; secrets are `‹secret 3f9a1c›`.
    observed: Option<String>,
    /// `template`, `approval` or `lint`: on whose word.
    source: &'static str,
    /// The template's name or the approval's number.
    baseline: Option<String>,
    /// One sentence for a person.
    summary: String,
    /// The rules that match it.
    rules: Vec<String>,
}

/// One surface.
#[derive(Debug, Serialize)]
pub(crate) struct SurfaceRow {
    /// The file, as an absolute path.
    file: String,
    /// The client that reads it.
    client: &'static str,
    /// Whose word it is.
    scope: &'static str,
    /// `read`, `missing`, `unparsable` or `unreadable`.
    state: String,
}

impl Document {
    /// Adds what was found in one home.
    pub(crate) fn add<'a>(
        &mut self,
        judgements: impl Iterator<Item = &'a Judgement>,
        surfaces: &[SurfaceReading],
        key: &Key,
        rules: impl Fn(&Judgement, &Drift) -> Vec<String>,
    ) {
        for judgement in judgements {
            let row =
                |drift| DriftRow { rules: rules(judgement, drift), ..DriftRow::new(judgement, drift, key) };
            self.drifts.extend(judgement.drifts.iter().map(row));
        }
        self.surfaces.extend(surfaces.iter().map(|reading| SurfaceRow {
            file: shown(&reading.surface.file),
            client: reading.surface.client.as_str(),
            scope: reading.surface.scope.as_str(),
            state: reading.state.as_str().to_owned(),
        }));
    }
}

impl DriftRow {
    fn new(judgement: &Judgement, drift: &Drift, key: &Key) -> Self {
        Self {
            kind: drift.kind.as_str(),
            level: drift.level.as_str(),
            client: judgement.surface.client.as_str(),
            scope: judgement.surface.scope.as_str(),
            file: shown(&judgement.surface.file),
            project: judgement.project.as_deref().map(shown),
            server: judgement.server.clone(),
            field: drift.field.clone(),
            expected: drift.expected.as_ref().map(|text| text.shown(key)),
            observed: drift.observed.as_ref().map(|text| text.shown(key)),
            source: drift.source.as_str(),
            baseline: drift.baseline.clone(),
            summary: drift.summary.clone(),
            rules: Vec::new(),
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::server;
    use crate::model::surface::{Scope, SurfaceState};
    use crate::model::text::Text;

    #[test]
    fn the_keys_are_those_of_the_contract() {
        let key = Key::from_bytes([1; 32]);
        let mut judgement = server("linear", Scope::User, None);
        judgement.drifts[0].observed = Some(Text::secret("hunter2"));
        let reading = SurfaceReading {
            surface: judgement.surface.clone(),
            state: SurfaceState::Read,
            facts: None,
            duplicates: vec![],
            content: None,
        };
        let mut document = Document::default();
        document.add(std::iter::once(&judgement), &[reading], &key, |_, _| vec!["id".to_owned()]);
        let json = serde_json::to_value(&document).unwrap();
        let mut keys: Vec<_> = json["drifts"][0].as_object().unwrap().keys().map(String::as_str).collect();
        let mut promised = [
            "kind", "level", "client", "scope", "file", "project", "server", "field", "expected", "observed",
            "source", "baseline", "summary", "rules",
        ];
        keys.sort_unstable();
        promised.sort_unstable();
        assert_eq!(keys, promised);
        assert_eq!(json["drifts"][0]["project"], serde_json::Value::Null);
        assert_eq!(json["surfaces"][0]["state"], "read");
        assert!(!json.to_string().contains("hunter2") && json.to_string().contains("‹secret "));
    }
}
