//! A thread that puts right what is planned in one home, file by file, and then looks which of the client's processes
//! still hold what stood. Must not know why, nor how it is told.

use super::Wake;
use super::home::{Home, Parts};
use crate::host::accounts;
use crate::model::drift::Judgement;
use crate::model::running_client::RunningClient;
use crate::restore::{self, Mend, Mended, Order, Plan, Refused, Scene, Trust};
use crate::session;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

/// So long is looked for the client's processes: the next tamper in that home waits for it.
const PATIENCE: Duration = Duration::from_millis(100);

/// What came of it in one home.
#[derive(Debug)]
pub(super) struct Responded {
    pub(super) home: u64,
    pub(super) done: Vec<(Mend, Result<Mended, String>, Duration)>,
    pub(super) refused: Vec<Refused>,
    /// The client's processes that ran when it was done.
    pub(super) running: Vec<RunningClient>,
}

/// What is to be done about those judgements, on whose word it is allowed here.
pub(super) fn plan<'j>(home: &Home, chosen: impl IntoIterator<Item = &'j Judgement>) -> Plan {
    let Some((inventory, baseline)) = home.seen() else { return Plan::default() };
    let is_for_others = accounts::own_uid() == 0 && home.watched.owner.is_some_and(|owner| owner != 0);
    let trust = if is_for_others { Trust::Administrators } else { Trust::All };
    restore::plan(chosen, Scene { all: home.judgements(), inventory, baseline, trust })
}

/// Starts the thread, which wakes the main one when it is done.
pub(super) fn send(
    home: &Home,
    plan: Plan,
    cap: u64,
    parts: &Parts,
    wake: SyncSender<Wake>,
) -> std::io::Result<()> {
    let (number, dir) = (home.number, home.dir().to_path_buf());
    let owner = home.watched.owner;
    let (files, clock, sessions) = (parts.files, parts.clock, home.watched.layout.sessions());
    let work = move || {
        let owner = owner.or_else(|| accounts::owner_of(&dir)).unwrap_or_else(accounts::own_uid);
        let mend = |mend: Mend| {
            let start = clock.elapsed();
            let outcome = restore::carry_out(&Order::new(&mend, owner, cap), clock);
            (mend, outcome, clock.elapsed() - start)
        };
        let done: Vec<_> = plan.mends.into_iter().map(mend).collect();
        // Not before: the file is right by now, and nobody waits for this.
        let is_changed =
            done.iter().any(|(_, outcome, _)| outcome.as_ref().is_ok_and(|mended| mended.changed > 0));
        let place = session::Place { files, owner: Some(owner), sessions };
        let running = if is_changed { session::running(place, PATIENCE) } else { Vec::new() };
        let responded = Responded { home: number, done, refused: plan.refused, running };
        // The end of the main thread is the end of the process.
        let _over = wake.send(Wake::Responded(Box::new(responded)));
    };
    thread::Builder::new().name("responder".into()).spawn(work).map(drop)
}
