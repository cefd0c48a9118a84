//! The document of what was done about a drift: a file put right, or not, and why. Must not decide anything.

use super::{AgentAction, Context, Event};
use crate::model::drift::Judgement;
use crate::model::event::time_text;
use crate::model::level::Level;
use crate::model::running_client::RunningClient;
use serde_json::{Value, json};
use std::time::Duration;

/// What was done about one subject.
#[derive(Clone, Copy, Debug)]
pub struct Response<'r> {
    /// Which event it is: reverted, refused or contested.
    pub action: AgentAction,
    /// What it was about.
    pub judgement: &'r Judgement,
    /// One sentence for a person. Never holds a secret.
    pub message: &'r str,
    /// Why nothing was done, or what is to be known of how it was done.
    pub reason: Option<&'r str>,
    /// On whose word.
    pub ground: Option<&'r str>,
    /// How many bytes of the file are gone or new.
    pub bytes: Option<usize>,
    /// How long it took.
    pub took: Option<Duration>,
    /// For how long the drift had stood.
    pub stood: Option<Duration>,
    /// The drifts that it answers, by their ids.
    pub drifts: &'r [String],
    /// Who asked for it, where a person did.
    pub by: Option<&'r str>,
    /// The client's processes that were started while the drift stood, and so hold it still.
    pub holding: &'r [RunningClient],
}

impl Event {
    /// The event of a response.
    pub fn response(id: String, level: Level, response: &Response<'_>, context: &Context<'_>) -> Self {
        let Response { action, judgement, message, .. } = *response;
        let mut event = Self::agent(id, action, level, message, context);
        let is_done = action == AgentAction::ConfigReverted;
        event.set("event.outcome", if is_done { "success" } else { "failure" });
        event.set_some("event.duration", response.took.map(nanoseconds));
        event.set("file.path", judgement.surface.file.to_string_lossy());
        event.set("mcpwatch.client", judgement.surface.client.as_str());
        event.set("mcpwatch.scope", judgement.surface.scope.as_str());
        let project = judgement.project.as_ref().map(|project| project.to_string_lossy().into_owned());
        event.set_some("mcpwatch.project", project);
        event.set_some("mcpwatch.server", judgement.server.clone());
        let kinds: Vec<&str> = judgement.drifts.iter().map(|drift| drift.kind.as_str()).collect();
        event.set("mcpwatch.response.kinds", kinds);
        event.set("mcpwatch.response.drifts", response.drifts.to_vec());
        event.set("mcpwatch.response.action", "revert");
        event.set("mcpwatch.response.outcome", outcome(action));
        event.set_some("mcpwatch.response.reason", response.reason);
        event.set_some("mcpwatch.response.ground", response.ground);
        event.set_some("mcpwatch.response.bytes_changed", response.bytes);
        event.set_some("mcpwatch.response.stood", response.stood.map(nanoseconds));
        event.set_some("mcpwatch.response.by", response.by);
        if !response.holding.is_empty() {
            let held: Vec<Value> = response.holding.iter().map(held_by).collect();
            event.set("mcpwatch.response.sessions", held);
        }
        event
    }
}

impl Event {
    /// Says of the end of a drift that it was an answer's doing: whoever wrote last before that only made it necessary.
    pub fn credit_revert(&mut self) {
        for field in ["process", "package"] {
            self.document.remove(field);
        }
        if let Some(Value::Object(own)) = self.document.get_mut("mcpwatch") {
            own.remove("provenance");
        }
        self.set("mcpwatch.response.action", "revert");
        self.set("mcpwatch.response.outcome", "reverted");
    }
}

fn outcome(action: AgentAction) -> &'static str {
    match action {
        AgentAction::ConfigReverted => "reverted",
        AgentAction::RevertContested => "contested",
        _ => "refused",
    }
}

fn held_by(client: &RunningClient) -> Value {
    let directory = client.directory.as_deref().map(|directory| directory.to_string_lossy());
    json!({
        "pid": client.pid,
        "start": time_text(client.started),
        "id": client.session,
        "directory": directory,
    })
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
