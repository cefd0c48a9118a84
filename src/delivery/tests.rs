//! What a sink gets, whatever becomes of it in between.

use super::*;
use crate::model::digest::Key;
use crate::model::event::{AgentAction, Context, HostFacts};
use crate::model::level::Level;
use crate::sink::Accepted;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// What a sink is to answer; when nothing is left, it takes everything.
type Answers = VecDeque<Result<Accepted, SinkError>>;

/// A sink that does as it is told and remembers what it got.
#[derive(Clone, Default)]
struct Scripted {
    got: Arc<Mutex<Vec<i64>>>,
    answers: Arc<Mutex<Answers>>,
    confirms: Arc<Mutex<VecDeque<bool>>>,
    /// It refuses these for good.
    poison: Vec<i64>,
}

impl Sink for Scripted {
    fn send(&mut self, batch: &[Outgoing]) -> Result<Accepted, SinkError> {
        if batch.iter().any(|outgoing| self.poison.contains(&outgoing.sequence)) {
            return Err(SinkError::Refused("bad data".into()));
        }
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Ok(Accepted::default()));
        if answer.is_ok() {
            self.got.lock().unwrap().extend(batch.iter().map(|outgoing| outgoing.sequence));
        }
        answer
    }

    fn confirm(&mut self) -> Result<(), SinkError> {
        match self.confirms.lock().unwrap().pop_front() {
            Some(false) => Err(SinkError::failed("it was reset")),
            _ => Ok(()),
        }
    }
}

struct Scene {
    _root: tempfile::TempDir,
    journal: Journal,
    sink: Scripted,
    delivery: Delivery,
}

fn scene(events: i64, change: impl FnOnce(&mut Scripted, &mut Assignment)) -> Scene {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("state");
    let mut journal = Journal::open(&state).unwrap();
    journal.use_sinks(&[("siem", 0)]).unwrap();
    let mut assignment =
        Assignment { name: "siem".into(), selection: Selection::default(), batch: 10, state };
    let mut sink = Scripted::default();
    change(&mut sink, &mut assignment);
    record(&mut journal, 1..=events);
    let delivery = Delivery::new(assignment, Box::new(sink.clone()));
    Scene { _root: root, journal, sink, delivery }
}

fn record(journal: &mut Journal, numbers: impl Iterator<Item = i64>) {
    let host = HostFacts::default();
    let key = Key::from_bytes([0; 32]);
    let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
    let event = |number: i64| {
        let level = if number % 5 == 0 { Level::High } else { Level::Low };
        Event::agent(format!("id-{number}"), AgentAction::AgentGap, level, "It happened.", &context)
    };
    journal.append_all(numbers.map(event).collect()).unwrap();
}

impl Scene {
    fn step(&mut self) -> Step {
        self.delivery.step(Timestamp::UNIX_EPOCH)
    }

    /// Steps until nothing is left; everything that was reported.
    fn run(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        for _ in 0..100 {
            let step = self.step();
            reports.extend(step.reports);
            if step.next == Next::Rung {
                return reports;
            }
        }
        panic!("it never ends");
    }

    fn got(&self) -> Vec<i64> {
        self.sink.got.lock().unwrap().clone()
    }

    fn taken(&self) -> i64 {
        self.journal.sink("siem").unwrap().unwrap().taken
    }
}

#[test]
fn everything_arrives_once_and_in_order_when_all_is_well() {
    let mut scene = scene(35, |_, _| {});
    assert_eq!(scene.run(), []);
    assert_eq!((scene.got(), scene.taken()), ((1..=35).collect(), 35));
    assert_eq!(scene.step(), Step { next: Next::Rung, reports: vec![] });
    record(&mut scene.journal, 36..=37);
    scene.run();
    assert_eq!((scene.got().len(), scene.taken()), (37, 37));
}

#[test]
fn what_is_not_sure_to_have_arrived_comes_again() {
    let mut scene = scene(25, |sink, _| sink.confirms = Arc::new(Mutex::new([false].into())));
    assert_eq!((scene.step().next, scene.step().next), (Next::Now, Next::Now));
    assert!(matches!(scene.step().next, Next::After(_)));
    assert_eq!(scene.taken(), 0);
    scene.run();
    let twice: Vec<i64> = (1..=25).chain(1..=25).collect();
    assert_eq!((scene.got(), scene.taken()), (twice, 25));
}

#[test]
fn a_sink_that_is_sure_gets_nothing_twice() {
    let sure = || Ok(Accepted { is_sure: true, refused: None });
    let mut scene = scene(25, |sink, _| {
        sink.answers = Arc::new(Mutex::new([sure(), Err(SinkError::failed("down")), sure(), sure()].into()));
    });
    scene.step();
    assert!(matches!(scene.step().next, Next::After(_)));
    assert_eq!(scene.taken(), 10);
    scene.run();
    assert_eq!((scene.got(), scene.taken()), ((1..=25).collect(), 25));
}

#[test]
fn trouble_is_reported_once_and_so_is_its_end() {
    let down = || Err(SinkError::failed("nobody listens"));
    let mut scene = scene(5, |sink, _| sink.answers = Arc::new(Mutex::new((0..6).map(|_| down()).collect())));
    let reports = scene.run();
    assert_eq!(reports, [Report::Failing { why: "nobody listens".into() }, Report::Restored]);
    assert_eq!(scene.journal.sink("siem").unwrap().unwrap().trouble, None);
    *scene.sink.answers.lock().unwrap() = [down(), down()].into();
    record(&mut scene.journal, 6..=6);
    scene.step();
    let (why, since) = scene.journal.sink("siem").unwrap().unwrap().trouble.unwrap();
    assert_eq!((why.as_str(), since.as_str()), ("nobody listens", "1970-01-01T00:00:00.000000Z"));
    assert_eq!(scene.run(), [], "over before anybody had to know");
}

#[test]
fn a_refused_event_is_told_and_holds_up_no_other() {
    let mut scene = scene(25, |sink, _| sink.poison = vec![7]);
    let refused = Report::Refused { events: 1, first: 7, last: 7, why: "bad data".into() };
    assert_eq!(scene.run(), [refused]);
    assert_eq!((scene.got(), scene.taken()), ((1..=25).filter(|n| *n != 7).collect(), 25));
}

#[test]
fn a_receiver_that_refuses_everything_is_not_believed() {
    let mut scene = scene(25, |sink, _| sink.poison = (1..=25).collect());
    let step = scene.step();
    assert!(matches!(step.next, Next::After(_)));
    assert_eq!(step.reports.len(), MOST_REFUSED as usize);
    for _ in 0..5 {
        assert!(matches!(scene.step().next, Next::After(_)));
    }
    assert!(scene.got().is_empty());
}

#[test]
fn what_a_receiver_rejects_of_a_batch_is_told() {
    let mut scene = scene(3, |sink, _| {
        let partly = Accepted { is_sure: true, refused: Some((2, "too old".into())) };
        sink.answers = Arc::new(Mutex::new([Ok(partly)].into()));
    });
    assert_eq!(scene.run(), [Report::Refused { events: 2, first: 1, last: 3, why: "too old".into() }]);
    assert_eq!(scene.taken(), 3);
}

#[test]
fn what_is_not_wanted_is_passed_over() {
    let mut scene = scene(25, |_, assignment| assignment.selection.level = Some(Level::High));
    scene.run();
    assert_eq!((scene.got(), scene.taken()), (vec![5, 10, 15, 20, 25], 25));
    record(&mut scene.journal, 26..=29);
    scene.run();
    assert_eq!(scene.taken(), 25, "nothing was delivered, nothing is noted");
}

#[test]
fn another_process_goes_on_where_this_one_ended() {
    let mut scene = scene(25, |_, _| {});
    scene.step();
    scene.run();
    record(&mut scene.journal, 26..=30);
    let assignment = scene.delivery.assignment.clone();
    scene.delivery = Delivery::new(assignment, Box::new(scene.sink.clone()));
    scene.run();
    assert_eq!(scene.got(), (1..=30).collect::<Vec<_>>());
}

#[test]
fn without_a_journal_it_waits_and_makes_none() {
    let mut scene = scene(5, |_, _| {});
    scene.run();
    let state = scene.delivery.assignment.state.clone();
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let _gone = std::fs::remove_file(state.join(name));
    }
    assert_eq!(scene.step().next, Next::After(JOURNAL_RETRY));
    assert!(!state.join("journal.db").exists());
}

#[test]
fn an_event_without_a_journal_is_passed_on_if_it_is_wanted() {
    let mut scene = scene(5, |_, assignment| assignment.selection.level = Some(Level::High));
    let event = |scene: &Scene, number: &str| scene.journal.event(number).unwrap().unwrap().event().unwrap();
    let (low, high) = (event(&scene, "4"), event(&scene, "5"));
    scene.delivery.pass(&low);
    scene.delivery.pass(&high);
    assert_eq!(scene.got(), [0]);
    scene.run();
    assert_eq!(scene.got(), [0, 5], "it comes again from the journal");
}
