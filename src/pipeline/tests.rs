//! A pipeline driven through hours in milliseconds.

use super::*;
use crate::model::digest::Key;
use crate::model::drift::Source;
use crate::model::event::HostFacts;
use crate::model::secret::Secret;
use crate::model::surface::{Client, Format, Scope, Surface};
use crate::model::text::Text;
use jiff::SignedDuration;

struct Bench {
    pipeline: Pipeline,
    time: Timestamp,
    elapsed: Duration,
    ids: u32,
}

impl Bench {
    fn new() -> Self {
        let time = "2026-03-01T12:00:00Z".parse().unwrap();
        Self { pipeline: Pipeline::default(), time, elapsed: Duration::ZERO, ids: 0 }
    }

    fn pass(&mut self, milliseconds: u64) {
        self.elapsed += Duration::from_millis(milliseconds);
        self.time += Duration::from_millis(milliseconds);
    }

    /// Takes a step; gives `action level` of each event, what it says is to be remembered, and when it is due.
    fn step(&mut self, drifts: &[(DriftKind, &str)]) -> (Vec<String>, usize, Option<u128>) {
        let judgements: Vec<Judgement> = drifts.iter().map(|(kind, seen)| judgement(*kind, seen)).collect();
        let (host, key) = (HostFacts::default(), Key::from_bytes([1; 32]));
        let home = Path::new("/h");
        let rules = Rules::default();
        let history = RefCell::new(History::of(SignedDuration::ZERO));
        let context = Context { time: self.time, host: &host, home: Some(home), user: None, key: &key };
        let moment = Moment {
            home,
            judgements: &judgements,
            inventory: &Inventory::default(),
            context: &context,
            elapsed: self.elapsed,
            rules: &rules,
            history: &history,
            author: &|_, _| None,
        };
        let ids = &mut self.ids;
        let mut id = || {
            *ids += 1;
            ids.to_string()
        };
        let step = self.pipeline.step(moment, &mut id);
        let said = |event: &Event| format!("{} {}", event.action(), event.level());
        (
            step.batch.events.iter().map(said).collect(),
            step.batch.standing.len(),
            step.due.map(|due| due.as_millis()),
        )
    }
}

fn judgement(kind: DriftKind, seen: &str) -> Judgement {
    let surface = Surface {
        file: Path::new("/h/.claude.json").into(),
        scope: Scope::User,
        format: Format::ClaudeJson,
        project: None,
        plugin: None,
        client: Client::ClaudeCode,
    };
    let drift = Drift {
        kind,
        level: kind.default_level(),
        field: Some("url.host".into()),
        expected: Some(Text::plain("good.test")),
        observed: Some(Text::plain(seen)),
        source: Source::Approval,
        baseline: None,
        summary: format!("the host is {seen}"),
        finding: None,
    };
    Judgement {
        subject: Subject::Server { scope: Scope::User, project: None, name: "a".into() },
        surface,
        project: None,
        server: Some("a".into()),
        line: None,
        expected: None,
        observed: None,
        raw: Secret::new(""),
        drifts: vec![drift],
        ruled_by: None,
    }
}

const HOST: DriftKind = DriftKind::EndpointHostChanged;
const HALF: DriftKind = DriftKind::ConfigUnparsable;

fn none() -> (Vec<String>, usize, Option<u128>) {
    (Vec::new(), 0, None)
}

#[test]
fn a_drift_is_told_when_it_appears_changes_and_ends() {
    let mut bench = Bench::new();
    let told = (vec!["endpoint-host-changed high".to_owned()], 1, None);
    assert_eq!(bench.step(&[(HOST, "evil.test")]), told);
    for _ in 0..3 {
        bench.pass(3_600_000);
        assert_eq!(bench.step(&[(HOST, "evil.test")]), none());
    }
    assert_eq!(bench.step(&[(HOST, "worse.test")]), told, "it changed");
    assert_eq!(bench.step(&[(HOST, "worse.test"), (HOST, "worse.test")]), none(), "two are one");
    assert_eq!(bench.step(&[]), (vec!["drift-ended informational".to_owned()], 1, None));
    assert_eq!(bench.step(&[]), none());
    assert_eq!(bench.step(&[(HOST, "evil.test")]), told, "it came back");
}

#[test]
fn one_that_goes_on_tells_nothing_twice() {
    let mut bench = Bench::new();
    bench.step(&[(HOST, "evil.test")]);
    let standing: Vec<StandingDrift> = bench.pipeline.standing().cloned().collect();
    let mut again = Bench::new();
    again.pipeline = Pipeline::resume(standing.clone());
    assert_eq!(again.step(&[(HOST, "evil.test")]), none());
    again.pipeline = Pipeline::resume(standing.clone());
    assert_eq!(again.step(&[(HOST, "worse.test")]).0, ["endpoint-host-changed high"]);
    again.pipeline = Pipeline::resume(standing);
    assert_eq!(again.step(&[]).0, ["drift-ended informational"]);
}

#[test]
fn half_a_save_is_told_when_it_stays_and_only_recorded_when_it_passes() {
    let mut bench = Bench::new();
    assert_eq!(bench.step(&[(HALF, "")]), (Vec::new(), 0, Some(2_000)));
    bench.pass(60);
    assert_eq!(bench.step(&[]), none(), "a program that writes in steps");
    bench.pass(1_000);
    bench.step(&[(HALF, "")]);
    bench.pass(500);
    assert_eq!(bench.step(&[(HALF, "")]).2, Some(3_060));
    assert_eq!(bench.step(&[]), (vec!["config-unparsable informational".to_owned()], 0, None));
    bench.step(&[(HALF, "")]);
    bench.pass(2_000);
    assert_eq!(bench.step(&[(HALF, "")]).0, ["config-unparsable low"]);
    assert_eq!(bench.step(&[]).0, ["drift-ended informational"]);
}

#[test]
fn what_stands_in_a_file_does_not_end_with_half_a_save() {
    let mut bench = Bench::new();
    bench.step(&[(HOST, "evil.test")]);
    assert_eq!(bench.step(&[(HALF, "")]), (Vec::new(), 0, Some(2_000)), "an editor moved it away");
    bench.pass(50);
    assert_eq!(bench.step(&[(HOST, "evil.test")]), none(), "and put it back");
    bench.step(&[(HALF, "")]);
    bench.pass(2_000);
    assert_eq!(bench.step(&[(HALF, "")]).0, ["config-unparsable low", "drift-ended informational"]);
}

#[test]
fn a_clock_that_is_set_back_a_year_delays_nothing() {
    let mut bench = Bench::new();
    bench.step(&[(HALF, "")]);
    bench.time = "2025-03-01T12:00:00Z".parse().unwrap();
    bench.elapsed += SETTLING;
    assert_eq!(bench.step(&[(HALF, "")]).0, ["config-unparsable low"]);
}
