//! Signals as messages, for whoever waits on a channel: SIGINT and SIGTERM mean stop, SIGHUP means reload, or
//! stop when it says that the terminal is gone. Knows
//! nothing of what is stopped.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// To stop; the signal's name.
    Stop(&'static str),
    /// To read configuration and templates anew.
    Reload,
}

/// Every SIGINT, SIGTERM and SIGHUP from now on.
///
/// # Errors
/// When the system refuses a handler or a thread.
pub fn signals() -> io::Result<Receiver<Signal>> {
    listen(&[SIGTERM, SIGINT, SIGHUP])
}

/// Every SIGINT and SIGTERM from now on; a terminal that goes away ends the process as ever.
///
/// # Errors
/// When the system refuses a handler or a thread.
pub fn stop_signals() -> io::Result<Receiver<Signal>> {
    listen(&[SIGTERM, SIGINT])
}

fn listen(wanted: &[i32]) -> io::Result<Receiver<Signal>> {
    let mut signals = Signals::new(wanted)?;
    let (sender, receiver) = sync_channel(1);
    let had_terminal = io::stdin().is_terminal();
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            let asked = match signal {
                // Whoever closes the terminal wants an end, not a reload.
                SIGHUP if had_terminal && !io::stdin().is_terminal() => Signal::Stop("SIGHUP"),
                SIGHUP => Signal::Reload,
                other => Signal::Stop(signal_hook::low_level::signal_name(other).unwrap_or("a signal")),
            };
            if sender.send(asked).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_hangup_means_reload_and_the_others_mean_stop() {
        let heard = signals().unwrap();
        for (signal, asked) in
            [(SIGHUP, Signal::Reload), (SIGTERM, Signal::Stop("SIGTERM")), (SIGINT, Signal::Stop("SIGINT"))]
        {
            signal_hook::low_level::raise(signal).unwrap();
            assert_eq!(heard.recv_timeout(Duration::from_secs(60)), Ok(asked));
        }
    }
}
