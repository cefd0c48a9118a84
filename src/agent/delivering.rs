//! A thread for each sink: woken when there is something to deliver, told to stop, heard when it has trouble. Must not
//! know what a sink is made of, nor how far it is.

use super::running::Running;
use super::{SinkPlan, Wake};
use crate::config::SinkConfig;
use crate::delivery::{Assignment, Delivery, Next, Report};
use crate::host::clock::Clock;
use crate::model::event::Event;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

/// Orders that wait. One that does not fit is not needed: whoever has that many to read is awake.
const ORDERS: usize = 64;

/// How long all sinks together may take for their last words.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// What a sink's thread is told.
enum Order {
    /// There may be something new.
    Look,
    /// An event that could not be recorded.
    Pass(Box<Event>),
    /// Open everything anew.
    Reopen,
}

/// A sink's thread, as the main thread sees it. Dropping it is the order to end.
struct Worker {
    config: SinkConfig,
    orders: SyncSender<Order>,
    ended: Receiver<()>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Delivering {
    workers: Vec<Worker>,
}

impl Delivering {
    /// There may be something new for each of them.
    pub(super) fn ring(&self) {
        self.each(|| Order::Look);
    }

    /// An event that could not be recorded, for each of them.
    pub(super) fn pass(&self, event: &Event) {
        self.each(|| Order::Pass(Box::new(event.clone())));
    }

    fn each(&self, order: impl Fn() -> Order) {
        for worker in &self.workers {
            let _full = worker.orders.try_send(order());
        }
    }

    /// What is said of each of them.
    pub(super) fn configured(&self) -> impl Iterator<Item = &SinkConfig> {
        self.workers.iter().map(|worker| &worker.config)
    }

    /// Ends all of them, after what can be delivered in a moment.
    pub(super) fn end(&mut self, clock: &dyn Clock) -> Ending {
        let ended = self.workers.drain(..).map(|worker| (worker.config.name, worker.ended));
        Ending { until: clock.elapsed() + LAST_WORDS, ended: ended.collect() }
    }
}

/// Sinks that are about to end.
pub(super) struct Ending {
    until: Duration,
    ended: Vec<(String, Receiver<()>)>,
}

impl Ending {
    /// Waits until all of them have ended, but not for long.
    pub(super) fn wait(self, clock: &dyn Clock) {
        for (name, ended) in self.ended {
            let left = self.until.saturating_sub(clock.elapsed());
            if ended.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                tracing::info!(
                    sink = name,
                    "not everything was delivered; the next agent goes on from there"
                );
            }
        }
    }
}

impl Running<'_> {
    /// Starts the sinks of the plan, and ends those that are in it no longer. What has not changed is opened anew.
    pub(super) fn start_sinks(&mut self) -> io::Result<()> {
        let planned = std::mem::take(&mut self.plan.sinks);
        self.note_sinks(&planned);
        let mut before = std::mem::take(&mut self.delivering.workers);
        for plan in planned {
            let known = before.iter().position(|worker| worker.config == plan.config);
            let worker = match known.map(|at| before.swap_remove(at)) {
                Some(worker) => {
                    let _full = worker.orders.try_send(Order::Reopen);
                    worker
                }
                None => self.start_sink(plan)?,
            };
            self.delivering.workers.push(worker);
        }
        Ok(())
    }

    /// Notes which sinks there are before anything else is recorded: from now on nothing is dropped that they want.
    fn note_sinks(&mut self, planned: &[SinkPlan]) {
        let journal = self.recorder.journal_mut();
        let newest = journal.last_sequence().unwrap_or(0);
        let begin = |config: &SinkConfig| match config.begin {
            crate::config::Begin::Beginning => 0,
            crate::config::Begin::End => newest,
        };
        let sinks: Vec<(&str, i64)> =
            planned.iter().map(|plan| (plan.config.name.as_str(), begin(&plan.config))).collect();
        if let Err(error) = journal.use_sinks(&sinks) {
            tracing::warn!(%error, "what sinks have taken cannot be noted; they may get events twice");
        }
    }

    fn start_sink(&self, plan: SinkPlan) -> io::Result<Worker> {
        let SinkPlan { config, make } = plan;
        let clock = self.parts.clock;
        let state = self.recorder.journal().path().parent().unwrap_or(Path::new("/")).to_path_buf();
        let assignment = Assignment {
            name: config.name.clone(),
            selection: config.selection.clone(),
            batch: config.batch,
            state,
        };
        let (orders, heard) = sync_channel(ORDERS);
        let (end, ended) = sync_channel(1);
        let (wake, made_of) = (self.wake.clone(), config.clone());
        thread::Builder::new().name(format!("sink {}", config.name)).spawn(move || {
            if let Some(sink) = make(&made_of, clock) {
                let tell = |report| wake.send(Wake::Sink(made_of.name.clone(), report)).is_ok();
                deliver(Delivery::new(assignment, sink), &heard, clock, tell);
            }
            // Nobody waits any more: the process is ending, or the sink is configured no longer.
            let _late = end.try_send(());
        })?;
        Ok(Worker { config, orders, ended })
    }
}

/// Delivers until nobody is left to give orders. What is left then is delivered as long as nothing fails.
fn deliver(
    mut delivery: Delivery,
    orders: &Receiver<Order>,
    clock: &'static dyn Clock,
    tell: impl Fn(Report) -> bool,
) {
    let mut due = Some(clock.elapsed());
    let mut is_ending = false;
    loop {
        if due.is_some_and(|due| due <= clock.elapsed()) {
            let step = delivery.step(clock.now());
            step.reports.into_iter().for_each(|report| {
                let _nobody = is_ending || tell(report);
            });
            due = match step.next {
                Next::Now => Some(clock.elapsed()),
                Next::After(wait) if !is_ending => Some(clock.elapsed() + wait),
                Next::After(_) | Next::Rung => None,
            };
        }
        if is_ending && due.is_none() {
            return;
        }
        match next_order(orders, due.map(|due| due.saturating_sub(clock.elapsed()))) {
            // Whoever waits after a failure goes on waiting.
            Ok(Order::Look) => due = due.or(Some(clock.elapsed())),
            Ok(Order::Pass(event)) => delivery.pass(&event),
            Ok(Order::Reopen) => {
                delivery.reopen();
                due = Some(clock.elapsed());
            }
            Err(RecvTimeoutError::Timeout) => {}
            // A last look, unless there is a failure to wait for.
            Err(RecvTimeoutError::Disconnected) if is_ending => {}
            Err(RecvTimeoutError::Disconnected) => {
                is_ending = true;
                due = match due {
                    Some(later) if later > clock.elapsed() => None,
                    _ => Some(clock.elapsed()),
                };
            }
        }
    }
}

/// The next order, in that time if there is one.
fn next_order(orders: &Receiver<Order>, wait: Option<Duration>) -> Result<Order, RecvTimeoutError> {
    match wait {
        None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(Duration::ZERO) => orders.try_recv().map_err(|error| match error {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        }),
        Some(wait) => orders.recv_timeout(wait),
    }
}
