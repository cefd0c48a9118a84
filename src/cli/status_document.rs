//! What `status --format json` prints. Its keys are a promise; it knows nothing of how they are found out.

use serde::Serialize;

/// The one object.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    /// The agent of this state directory.
    pub(crate) agent: AgentStatus,
    /// What is looked at.
    pub(crate) watched: Watched,
    /// What is kept.
    pub(crate) journal: JournalStatus,
    /// Where events are delivered.
    pub(crate) sinks: Vec<SinkStatus>,
}

/// The agent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AgentStatus {
    /// True from the moment every watch stands until its process is gone.
    pub(crate) running: bool,
    /// Its process.
    pub(crate) pid: Option<u64>,
    /// Since when, RFC 3339.
    pub(crate) since: Option<String>,
    /// The sensors that it hears from.
    pub(crate) sensors: Vec<String>,
    /// What it cannot see, and why.
    pub(crate) degraded: Vec<String>,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Watched {
    /// Homes.
    pub(crate) homes: usize,
    /// Files that are there.
    pub(crate) surfaces: usize,
    /// Projects.
    pub(crate) projects: usize,
}

/// The journal.
#[derive(Debug, Default, Serialize)]
pub(crate) struct JournalStatus {
    /// How many events it holds.
    pub(crate) events: u64,
    /// The time of the last one, RFC 3339.
    pub(crate) last: Option<String>,
    /// The hash of the last one: export it, and nobody can rewrite what came before.
    pub(crate) head: Option<String>,
}

/// One place where events are delivered.
#[derive(Debug, Serialize)]
pub(crate) struct SinkStatus {
    /// Its name.
    pub(crate) name: String,
    /// How many events it has not yet got.
    pub(crate) pending: u64,
    /// What it last said when it took none.
    pub(crate) last_error: Option<String>,
}

impl AgentStatus {
    /// What a running agent announced.
    pub(crate) fn announced(said: &serde_json::Map<String, serde_json::Value>) -> Self {
        let words = |name: &str| {
            let list = said.get(name).and_then(serde_json::Value::as_array).into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        Self {
            running: true,
            pid: said.get("pid").and_then(serde_json::Value::as_u64),
            since: said.get("since").and_then(serde_json::Value::as_str).map(str::to_owned),
            sensors: words("sensors"),
            degraded: words("degraded"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_keys_are_those_of_the_contract() {
        let said = json!({"pid": 7, "since": "2026-01-01T00:00:00Z", "sensors": ["notify"], "degraded": []});
        let status = Status {
            agent: AgentStatus::announced(said.as_object().unwrap()),
            watched: Watched { homes: 1, surfaces: 2, projects: 3 },
            journal: JournalStatus::default(),
            sinks: vec![SinkStatus { name: "file".into(), pending: 0, last_error: None }],
        };
        assert_eq!(
            serde_json::to_value(&status).unwrap(),
            json!({
                "agent": {"running": true, "pid": 7, "since": "2026-01-01T00:00:00Z", "sensors": ["notify"], "degraded": []},
                "watched": {"homes": 1, "surfaces": 2, "projects": 3},
                "journal": {"events": 0, "last": null, "head": null},
                "sinks": [{"name": "file", "pending": 0, "last_error": null}],
            })
        );
        let down = serde_json::to_value(AgentStatus::default()).unwrap();
        assert_eq!(
            down,
            json!({"running": false, "pid": null, "since": null, "sensors": [], "degraded": []})
        );
    }
}
