//! What the agent does about a drift: the policy, as the configuration says it. Pure; does nothing itself.

use super::reader::{self, Problems, Section};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::provenance::{Actor, Confidence};
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

/// What is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// It is told.
    #[default]
    Alert,
    /// It is told, and put right.
    Revert,
    /// What an install did is put right, what anybody else did is told.
    Recommended,
}

/// The policy. Of what it says of a kind, an actor and a level the first counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Respond {
    /// What is done about what nothing else is said of.
    pub action: Action,
    /// By what sort of drift it is.
    pub kinds: BTreeMap<DriftKind, Action>,
    /// By whose doing it was.
    pub actors: BTreeMap<Actor, Action>,
    /// By how much it matters.
    pub levels: BTreeMap<Level, Action>,
    /// That many reverts of one entry are a fight,
    pub contest_after: u32,
    /// if they come within this time.
    pub contest_within: Duration,
}

impl Default for Respond {
    fn default() -> Self {
        Self {
            action: Action::Alert,
            kinds: BTreeMap::new(),
            actors: BTreeMap::new(),
            levels: BTreeMap::new(),
            contest_after: 3,
            contest_within: Duration::from_secs(60),
        }
    }
}

/// What is known of a drift that decides about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// What sort it is.
    pub kind: DriftKind,
    /// How much it matters.
    pub level: Level,
    /// Whose doing it was.
    pub actor: Actor,
    /// How sure that is.
    pub confidence: Confidence,
}

impl Respond {
    /// Every drift is answered so, whoever made it; what a fight is stays as it was said.
    pub fn always(self, action: Action) -> Self {
        let Self { contest_after, contest_within, .. } = self;
        Self { action, contest_after, contest_within, ..Self::default() }
    }

    /// Whether anything is ever put right.
    pub fn reverts_at_all(&self) -> bool {
        let said = self.kinds.values().chain(self.actors.values()).chain(self.levels.values());
        said.chain([&self.action]).any(|action| *action != Action::Alert)
    }

    /// Whether that drift is put right.
    pub fn reverts(&self, case: Case) -> bool {
        let said = self.kinds.get(&case.kind).or_else(|| self.actors.get(&case.actor));
        match said.or_else(|| self.levels.get(&case.level)).unwrap_or(&self.action) {
            Action::Alert => false,
            Action::Revert => true,
            Action::Recommended => case.actor == Actor::Install && case.confidence >= Confidence::Likely,
        }
    }
}

impl FromStr for Action {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "alert" => Ok(Self::Alert),
            "revert" => Ok(Self::Revert),
            "recommended" => Ok(Self::Recommended),
            _ => Err("alert, revert or recommended"),
        }
    }
}

/// Reads the section.
pub(super) fn read(section: &Section<'_, '_>, problems: &mut Problems<'_>) -> Respond {
    section.only(&["action", "kinds", "actors", "levels", "contest_after", "contest_within"], problems);
    let usual = Respond::default();
    Respond {
        action: section.read("action", problems, reader::word).unwrap_or_default(),
        kinds: table(
            section,
            "kinds",
            &DriftKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect::<Vec<_>>(),
            problems,
        ),
        actors: table(
            section,
            "actors",
            &Actor::ALL.iter().map(|actor| (actor.as_str(), *actor)).collect::<Vec<_>>(),
            problems,
        ),
        levels: table(section, "levels", &Level::ALL.map(|level| (level.as_str(), level)), problems),
        contest_after: section.read("contest_after", problems, reader::few).unwrap_or(usual.contest_after),
        contest_within: section
            .read("contest_within", problems, reader::duration)
            .unwrap_or(usual.contest_within),
    }
}

/// A table of actions by words of a closed list.
fn table<T: Ord + Copy>(
    section: &Section<'_, '_>,
    key: &str,
    words: &[(&'static str, T)],
    problems: &mut Problems<'_>,
) -> BTreeMap<T, Action> {
    let Some(table) = section.section(key, problems) else { return BTreeMap::new() };
    table.only(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>(), problems);
    words
        .iter()
        .filter_map(|(word, value)| Some((*value, table.read(word, problems, reader::word)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Respond {
        crate::config::parse(text).unwrap().respond
    }

    const CASE: Case = Case {
        kind: DriftKind::EndpointHostChanged,
        level: Level::Critical,
        actor: Actor::Install,
        confidence: Confidence::Proven,
    };

    #[test]
    fn nothing_is_put_right_unless_it_is_said() {
        assert!(!parsed("").reverts(CASE) && !parsed("").reverts_at_all());
        assert!(
            parsed("[respond.kinds]\nhook-changed = \"alert\"")
                .always(Action::Revert)
                .reverts(Case { kind: DriftKind::HookChanged, ..CASE })
        );
    }

    #[test]
    fn recommended_is_what_an_install_did() {
        let policy = parsed("[respond]\naction = \"recommended\"");
        assert!(policy.reverts(CASE));
        assert!(!policy.reverts(Case { confidence: Confidence::Possible, ..CASE }));
        for actor in Actor::ALL.iter().filter(|actor| **actor != Actor::Install) {
            assert!(!policy.reverts(Case { actor: *actor, ..CASE }), "{actor}");
        }
    }

    #[test]
    fn the_kind_counts_before_the_actor_and_the_actor_before_the_level() {
        let policy = parsed(
            "[respond.kinds]\ntrust-granted = \"alert\"\n[respond.actors]\nperson = \"alert\"\nprogram = \"revert\"\n\
             [respond.levels]\ncritical = \"revert\"",
        );
        assert!(policy.reverts_at_all() && policy.reverts(CASE));
        assert!(!policy.reverts(Case { actor: Actor::Person, ..CASE }));
        assert!(policy.reverts(Case { actor: Actor::Program, level: Level::Low, ..CASE }));
        assert!(!policy.reverts(Case { kind: DriftKind::TrustGranted, actor: Actor::Program, ..CASE }));
        assert!(!policy.reverts(Case { level: Level::High, ..CASE }));
    }

    #[test]
    fn what_is_misspelt_is_said() {
        let problem = |text: &str| crate::config::parse(text).unwrap_err()[0].to_string();
        assert!(problem("[respond]\naction = \"undo\"").contains("alert, revert or recommended"));
        assert!(
            problem("[respond.kinds]\nhook-change = \"revert\"")
                .contains("did you mean \"respond.kinds.hook-changed\"?")
        );
        assert!(problem("[respond]\ncontest_after = 0").contains("whole number"));
    }
}
