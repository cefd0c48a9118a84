//! Which events a person wants to see: the options that commands over the journal share. Must not know how they are read.

use crate::cli::when::When;
use crate::journal::EventFilter;
use crate::model::event::AgentAction;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use clap::Args;
use jiff::Timestamp;

/// Events' own words for what they are, in ECS.
const ECS_KINDS: [&str; 3] = ["alert", "event", "state"];

/// Which events.
#[derive(Args, Debug)]
pub(crate) struct Chosen {
    /// Only since then: a time such as 2026-01-31T12:00:00Z, or so long ago such as 10m, 2h or 3d
    #[arg(long, value_name = "T")]
    since: Option<When>,
    /// Only of this level or above: informational, low, medium, high or critical
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Only of this drift kind or action of the agent
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<String>,
}

impl Chosen {
    /// The same for the journal.
    pub(crate) fn filter(&self, now: Timestamp) -> EventFilter {
        EventFilter {
            since: self.since.map(|since| since.before(now)),
            level: self.level,
            kind: self.kind.clone(),
            ..EventFilter::default()
        }
    }
}

/// What may stand behind `--kind`: a drift kind, an action of the agent, or a kind of ECS.
fn kind(word: &str) -> Result<String, String> {
    let is_known =
        word.parse::<DriftKind>().is_ok() || word.parse::<AgentAction>().is_ok() || ECS_KINDS.contains(&word);
    if is_known {
        return Ok(word.to_owned());
    }
    let known = DriftKind::ALL.iter().map(|kind| kind.as_str());
    let all = known.chain(AgentAction::ALL.iter().map(|action| action.as_str()));
    let nearest = all.map(|kind| (strsim::damerau_levenshtein(kind, word), kind)).min();
    Err(match nearest.filter(|(distance, kind)| *distance <= kind.len() / 2) {
        Some((_, kind)) => format!("there is no such kind; did you mean \"{kind}\"?"),
        None => "there is no such kind".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_name() {
        for known in ["hook-changed", "agent-started", "alert"] {
            assert_eq!(kind(known).as_deref(), Ok(known));
        }
        assert!(kind("hook-change").unwrap_err().contains("\"hook-changed\""));
        assert_eq!(kind("§").unwrap_err(), "there is no such kind");
    }
}
