//! `verify`: recomputing the chain over the journal and saying whether anything was changed. Knows nothing of how it
//! is computed.

mod set_aside;

use crate::cli::diff::counted;
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{BAD, COMMAND, DIM, GOOD, STRONG, Styled};
use crate::cli::verify_document::Document;
use crate::cli::when::to_the_second;
use crate::journal::{Break, Checkpoint, Fault, Sought, Verification, Verified};
use clap::Args;
use std::io;

/// The fewest digits that tell a hash from every other.
const FEWEST: usize = 16;
/// The digits of a hash.
const ALL: usize = 64;
/// Under a heading.
const INDENT: usize = 9;

/// Recompute the chain over the journal and say whether anything was changed
#[derive(Args, Debug)]
#[command(
    after_help = "Each event carries, as mcpwatch.chain.hash, a keyed hash of itself and of all before it. Whoever has\nno key can change nothing unseen but put back an earlier copy of the whole journal. A hash that\nwas exported before shows that too: name it with --head.\n\nExit codes: 0 whole, 1 changed (the first broken event is named) or the hash of --head is not\nthere, 2 trouble. With --set-aside: 0 the chain is whole, or was set aside; 2 trouble.\n\nExamples:\n  mcpwatch verify\n  mcpwatch verify --head 3f9a1c0b5d7e2a46\n  mcpwatch verify --set-aside"
)]
pub(crate) struct Verify {
    /// A hash that was exported earlier, whole or its first 16 digits and more: it must stand in the chain
    #[arg(long, value_name = "HASH", value_parser = hash)]
    head: Option<String>,
    /// Where the chain is broken, keep the journal under another name and begin a new one, with the approvals (if they
    /// can be proven) and the standing drifts. Stop the agent first
    #[arg(long, conflicts_with = "head")]
    set_aside: bool,
    #[command(flatten)]
    format: FormatOption,
}

fn hash(text: &str) -> Result<String, String> {
    let is_hash = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.len() {
        FEWEST..=ALL if is_hash => Ok(text.to_ascii_lowercase()),
        _ => Err(format!("give the {ALL} hexadecimal digits of a hash, or its first {FEWEST} and more")),
    }
}

impl Verify {
    /// Verifies.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let Some(journal) = session.setup.journal()? else {
            let sentence = format!("there is no journal in {}", session.setup.state.display());
            let capture = format!("mcpwatch{} baseline capture", session.repeated(None));
            return Err(Failure::new(sentence).help(capture));
        };
        if self.set_aside {
            drop(journal);
            let (verification, renewed) = set_aside::run(session)?;
            match self.format.format {
                Format::Json => out.json(&Document::of(&verification, None).set_aside(renewed.as_ref()))?,
                Format::Text => {
                    self.print(&verification, out)?;
                    set_aside::print(renewed.as_ref(), session, out)?;
                }
            }
            return Ok(OK);
        }
        let verification = journal.verify(self.head.as_deref())?;
        match self.format.format {
            Format::Json => out.json(&Document::of(&verification, self.head.as_deref()))?,
            Format::Text => {
                self.print(&verification, out)?;
                if matches!(verification, Verification::Broken(_)) {
                    print_advice(session, out)?;
                }
            }
        }
        Ok(if is_well(&verification) { OK } else { SOME })
    }

    fn print(&self, verification: &Verification, out: &mut Output<'_>) -> io::Result<()> {
        match verification {
            Verification::Broken(broken) => print_break(broken, out),
            Verification::Whole(whole) => {
                print_whole(whole, out)?;
                match (&whole.sought, &self.head) {
                    (Some(sought), Some(hash)) => print_sought(sought, hash, out),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Whether the chain is whole and holds what was asked for.
fn is_well(verification: &Verification) -> bool {
    match verification {
        Verification::Broken(_) => false,
        Verification::Whole(whole) => matches!(whole.sought, None | Some(Sought::Found { .. })),
    }
}

fn heading(word: &str) -> Styled {
    Styled::new(format!("{word:<INDENT$}"), STRONG)
}

fn print_whole(whole: &Verified, out: &mut Output<'_>) -> io::Result<()> {
    let count = counted(usize::try_from(whole.events).unwrap_or(usize::MAX), "event");
    let line = Styled::new("The journal is whole", GOOD).and(format!(": {count}"));
    out.line(line, 2)?;
    if let (Some(first), Some(last)) = (&whole.first, &whole.last) {
        let line =
            heading("from").and(to_the_second(&first.time)).then(format!("  event {}", first.sequence), DIM);
        out.line(line, INDENT)?;
        let line =
            heading("to").and(to_the_second(&last.time)).then(format!("  event {}", last.sequence), DIM);
        out.line(line, INDENT)?;
    }
    if whole.head.sequence > 0 {
        out.line(heading("head").and(whole.head.hash.to_string()), INDENT)?;
    }
    whole.dropped.iter().try_for_each(|checkpoint| print_dropped(checkpoint, out))
}

fn print_dropped(checkpoint: &Checkpoint, out: &mut Output<'_>) -> io::Result<()> {
    let line = heading("dropped")
        .and(counted(usize::try_from(checkpoint.events).unwrap_or(usize::MAX), "event"))
        .and(format!(" up to event {}", checkpoint.sequence))
        .and(format!(", seen {} to {}", to_the_second(&checkpoint.since), to_the_second(&checkpoint.until)))
        .then(format!("  dropped at {}", to_the_second(&checkpoint.at)), DIM);
    out.line(line, INDENT)
}

fn print_sought(sought: &Sought, hash: &str, out: &mut Output<'_>) -> io::Result<()> {
    let short = hash.get(..FEWEST).unwrap_or(hash);
    let line = match sought {
        Sought::Found { event, followed } => {
            let followed = counted(usize::try_from(*followed).unwrap_or(usize::MAX), "event");
            Styled::new(format!("{short} is there"), GOOD).and(format!(
                ": event {} of {}; {followed} followed",
                event.sequence,
                to_the_second(&event.time)
            ))
        }
        Sought::Dropped(checkpoint) => {
            Styled::new(format!("{short} is not there any more"), BAD).and(format!(
                ": it was the last of the events that were dropped at {}, event {}",
                to_the_second(&checkpoint.at),
                checkpoint.sequence
            ))
        }
        Sought::Ambiguous => Styled::new(format!("{short} is not enough"), BAD)
            .and(": several events begin like this; give more digits"),
        Sought::Unknown => Styled::new(format!("{short} is not there"), BAD).and(
            ": no event of this journal has this hash. Either the journal was replaced by an earlier copy of \
             itself or by another, or the event is older than what is kept",
        ),
    };
    out.line(line, 2)
}

fn print_break(broken: &Break, out: &mut Output<'_>) -> io::Result<()> {
    let mut line = Styled::new("The journal was changed", BAD).and(": ");
    if let Some(sequence) = broken.sequence.filter(|sequence| !is_gone(*sequence, &broken.fault)) {
        line = line.then(format!("event {sequence}"), STRONG);
        if let Some(id) = &broken.id {
            line = line.then(format!(" ({id})"), DIM);
        }
        line = line.and(": ");
    }
    out.line(line.and(broken.fault.to_string()), 2)?;
    if let Some(last) = last_sound(broken) {
        out.line(Styled::new(format!("Up to event {last} everything is as mcpwatch stored it."), DIM), 2)?;
    }
    Ok(())
}

fn print_advice(session: &Session<'_>, out: &mut Output<'_>) -> io::Result<()> {
    let advice = format!(
        ": compare it with the events that were exported; then, with the agent stopped, mcpwatch{} verify --set-aside \
         keeps it under another name and begins a new one",
        session.repeated(None)
    );
    out.line(Styled::new("help", COMMAND).and(advice), 2)
}

/// Whether the event of that number is among those that the fault says are missing.
fn is_gone(sequence: i64, fault: &Fault) -> bool {
    match fault {
        Fault::Missing { first, last } | Fault::CutOff { first, last } => (first..=last).contains(&&sequence),
        _ => false,
    }
}

/// The last event that was verified before the break.
fn last_sound(broken: &Break) -> Option<i64> {
    let first_broken = match &broken.fault {
        Fault::Missing { first, .. } | Fault::CutOff { first, .. } => Some(*first),
        Fault::Changed | Fault::Column(_) | Fault::OutOfPlace | Fault::Added => broken.sequence,
        Fault::HeadChanged
        | Fault::HeadMissing
        | Fault::Checkpoint
        | Fault::Approvals
        | Fault::Dropped { .. } => None,
    };
    first_broken.map(|sequence| sequence.saturating_sub(1)).filter(|last| *last > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_sixteen_digits_or_more() {
        assert_eq!(hash("0123456789ABCDEF").as_deref(), Ok("0123456789abcdef"));
        assert!(hash(&"a".repeat(64)).is_ok());
        for wrong in ["0123456789abcde", &"a".repeat(65), "0123456789abcdeg", ""] {
            assert!(hash(wrong).unwrap_err().contains("16"), "{wrong}");
        }
    }
}
