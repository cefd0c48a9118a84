//! What stands by the word of the journal's events, to be held against what `diff` says. Reads documents only;
//! knows nothing of where they come from.
#![allow(dead_code, reason = "tests and benches each use their own part")]
#![allow(unreachable_pub, reason = "a module of tests and benches, not of a library")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What was told and has not ended, and every word that contradicts another.
#[derive(Debug, Default)]
pub struct Standing {
    told: BTreeMap<String, Told>,
    ids: BTreeSet<String>,
    last_sequence: u64,
    /// An event id twice, a drift told again though nothing changed, an end of what nobody told of, a number that
    /// goes back.
    pub contradictions: Vec<String>,
}

/// What was told of a drift last.
#[derive(Debug)]
struct Told {
    key: String,
    state: String,
}

impl Standing {
    /// What the events of a whole journal come to.
    pub fn of(events: &[Value]) -> Self {
        let mut standing = Self::default();
        events.iter().for_each(|event| standing.tell(event));
        standing
    }

    /// Takes the next event.
    pub fn tell(&mut self, event: &Value) {
        let id = string(&event["event"]["id"]);
        if !self.ids.insert(id.clone()) {
            self.contradictions.push(format!("the event {id} is there twice"));
        }
        let sequence = event["event"]["sequence"].as_u64().unwrap_or_default();
        if sequence <= self.last_sequence {
            self.contradictions.push(format!("number {sequence} stands after {}", self.last_sequence));
        }
        self.last_sequence = sequence;
        let drift = &event["mcpwatch"]["drift"];
        let id = string(&drift["id"]);
        if event["event"]["action"] == "drift-ended" {
            if self.told.remove(&id).is_none() {
                self.contradictions.push(format!("what was not told has ended: {}", event["message"]));
            }
        } else if id != NONE && drift["passing"] != true {
            let told = Told { key: key_of_event(event), state: string(&drift["state"]) };
            self.tell_drift(id, told, drift["changed"] == true);
        }
    }

    /// A drift that stands already is told again when it has changed, and only then.
    fn tell_drift(&mut self, id: String, told: Told, has_changed: bool) {
        let key = told.key.clone();
        let state = told.state.clone();
        let wrong = match (self.told.insert(id, told), has_changed) {
            (None, false) => return,
            (Some(before), true) if before.state != state => return,
            (Some(_), true) => "told as changed, and it has not",
            (Some(_), false) => "told as new while it stands",
            (None, true) => "told as changed, and it did not stand",
        };
        self.contradictions.push(format!("{wrong}: {key}"));
    }

    /// What stands, in the words of [`in_diff`].
    pub fn keys(&self) -> BTreeSet<String> {
        self.told.values().map(|told| told.key.clone()).collect()
    }
}

/// What a report of `diff --format json` says.
pub fn in_diff(report: &Value) -> BTreeSet<String> {
    report["drifts"].as_array().into_iter().flatten().map(key_of_row).collect()
}

const NONE: &str = "-";

fn string(value: &Value) -> String {
    value.as_str().unwrap_or(NONE).to_owned()
}

fn key(parts: [&Value; 6]) -> String {
    parts.map(string).join(" ")
}

fn key_of_event(event: &Value) -> String {
    let (own, drift) = (&event["mcpwatch"], &event["mcpwatch"]["drift"]);
    key([
        &event["event"]["action"],
        &event["file"]["path"],
        &own["project"],
        &own["server"],
        &drift["field"],
        &drift["observed"],
    ])
}

fn key_of_row(row: &Value) -> String {
    key([&row["kind"], &row["file"], &row["project"], &row["server"], &row["field"], &row["observed"]])
}
