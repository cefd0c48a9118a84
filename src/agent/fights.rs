//! Entries that are put right again and again: when that is a fight, and how long the next revert waits. Pure; reads
//! no clock.

use crate::model::subject::Subject;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The first wait in a fight; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// And none is longer.
const LONGEST: Duration = Duration::from_secs(60);
/// After so many times the span in which reverts are counted, it is peace.
const PEACE: u32 = 10;

/// How many reverts are a fight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// That many,
    pub(super) after: u32,
    /// within this time.
    pub(super) within: Duration,
}

/// A fight goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contest {
    /// How often the entry was put right of late.
    pub(super) times: usize,
    /// How long the next time waits.
    pub(super) wait: Duration,
    /// Whether that was said of the client before: one that saves what it has in memory means no harm.
    pub(super) is_known_of_client: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Fights(BTreeMap<(PathBuf, Subject), Fight>);

#[derive(Debug, Default)]
struct Fight {
    reverts: VecDeque<Duration>,
    wait: Duration,
    until: Duration,
    is_said_of_client: bool,
    /// The end of the wait of which was said that the entry stands meanwhile.
    said_until: Option<Duration>,
}

impl Fights {
    /// Until when the next revert of that entry waits, where it does; and whether that is yet to be said.
    pub(super) fn wait(&mut self, home: &Path, subject: &Subject, now: Duration) -> Option<(Duration, bool)> {
        let fight = self.0.get_mut(&(home.to_path_buf(), subject.clone()))?;
        (now < fight.until).then(|| {
            let is_new = fight.said_until != Some(fight.until);
            fight.said_until = Some(fight.until);
            (fight.until, is_new)
        })
    }

    /// That entry was put right; says whether it is a fight. `by_client`: the one who changed it is the client.
    pub(super) fn reverted(
        &mut self,
        home: &Path,
        subject: &Subject,
        now: Duration,
        terms: Terms,
        by_client: bool,
    ) -> Option<Contest> {
        let peace = terms.within * PEACE;
        self.0.retain(|_, fight| fight.reverts.back().is_some_and(|last| now.saturating_sub(*last) < peace));
        let fight = self.0.entry((home.to_path_buf(), subject.clone())).or_default();
        fight.reverts.push_back(now);
        let counted = |fight: &Fight| {
            fight.reverts.iter().filter(|at| now.saturating_sub(**at) <= terms.within).count()
        };
        let times = counted(fight);
        while fight.reverts.len() > terms.after as usize {
            fight.reverts.pop_front();
        }
        if times < terms.after as usize && fight.wait.is_zero() {
            return None;
        }
        fight.wait = (fight.wait * 2).clamp(FIRST, LONGEST);
        fight.until = now + fight.wait;
        let is_known_of_client = by_client && fight.is_said_of_client;
        fight.is_said_of_client |= by_client;
        Some(Contest { times, wait: fight.wait, is_known_of_client })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { after: 3, within: Duration::from_secs(60) };

    fn subject() -> Subject {
        Subject::File("/f".into())
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_third_time_within_a_minute_is_a_fight_and_it_slows_down() {
        let (mut fights, home) = (Fights::default(), Path::new("/h"));
        let mut reverted = |at: u64| fights.reverted(home, &subject(), seconds(at), TERMS, false);
        assert_eq!([0, 61, 100].map(&mut reverted), [None; 3]);
        assert_eq!(reverted(110).map(|contest| (contest.times, contest.wait)), Some((3, FIRST)));
        assert_eq!(reverted(112).unwrap().wait, FIRST * 2);
        let mut at = 112;
        for _ in 0..9 {
            at += 60;
            assert!(reverted(at).unwrap().wait <= LONGEST);
        }
        assert_eq!(fights.wait(home, &subject(), seconds(at)), Some((seconds(at + 60), true)));
        assert_eq!(
            fights.wait(home, &subject(), seconds(at + 1)),
            Some((seconds(at + 60), false)),
            "said once"
        );
        assert_eq!(fights.wait(home, &subject(), seconds(at + 60)), None);
        assert_eq!(fights.wait(Path::new("/other"), &subject(), seconds(at)), None);
        let peace = seconds(at) + TERMS.within * PEACE;
        assert_eq!(fights.reverted(home, &subject(), peace, TERMS, false), None, "it was forgotten");
    }

    #[test]
    fn of_the_client_it_is_said_once() {
        let mut fights = Fights::default();
        let mut known = Vec::new();
        for at in 0..5 {
            let contest = fights.reverted(Path::new("/h"), &subject(), seconds(at), TERMS, true);
            known.extend(contest.map(|contest| contest.is_known_of_client));
        }
        assert_eq!(known, [false, true, true]);
    }
}
