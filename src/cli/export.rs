//! `export`: the journal in the formats of other systems, one line an event. Knows nothing of the formats.

use crate::cli::chosen::Chosen;
use crate::cli::error::{Answer, OK};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::stream::{Step, Stream};
use crate::export::{Format, Stored};
use crate::journal::{EventFilter, StoredEvent};
use clap::Args;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// Write the journal in the format of another system, one line an event
#[derive(Args, Debug)]
#[command(
    after_help = "jsonl     the stored document, in Elastic Common Schema field names\necs-flat  the same with dotted names and no objects within\nocsf      a Detection Finding of OCSF 1.8\ncef       ArcSight's Common Event Format\nsyslog    RFC 5424, around the stored document\n\nTo resume, give the event.sequence of the last event that arrived.\n\nExamples:\n  mcpwatch export --format ocsf --since 24h\n  mcpwatch export --format jsonl --after 1041 --limit 500\n  mcpwatch export --format cef --level high --follow"
)]
pub(crate) struct Export {
    /// What a line looks like: jsonl, ecs-flat, ocsf, cef or syslog
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Format,
    /// Go on with what comes, until interrupted
    #[arg(long)]
    follow: bool,
    /// Only what comes after the event of this number
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(0..))]
    after: Option<i64>,
    #[command(flatten)]
    chosen: Chosen,
    /// Only the first N of them
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// One event after the other, in one buffer.
struct Lines {
    format: Format,
    left: usize,
    line: Vec<u8>,
}

fn format(word: &str) -> Result<Format, String> {
    word.parse().map_err(|_| {
        let words: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        format!("there is no such format: use {}", words.join(", "))
    })
}

impl Export {
    /// Writes them.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let Some(mut stream) = Stream::open(session, self.follow)? else { return Ok(OK) };
        let filter = EventFilter { after_sequence: self.after, ..self.chosen.filter(session.now()) };
        let mut lines =
            Lines { format: self.format, left: self.limit.unwrap_or(usize::MAX), line: Vec::new() };
        if lines.left == 0 {
            return Ok(OK);
        }
        // What comes while the first part is written has a higher number than this.
        let seen = stream.newest()?.max(self.after.unwrap_or(0));
        let last = stream.read(&filter, |event| lines.write(&event, out))?;
        if lines.left > 0 {
            stream.follow(filter, seen.max(last), out, |event, out| lines.write(&event, out))?;
        }
        Ok(OK)
    }
}

impl Lines {
    fn write(&mut self, event: &StoredEvent, out: &mut Output<'_>) -> Step {
        let Ok(document) = serde_json::from_str::<Map<String, Value>>(&event.document) else {
            tracing::warn!(sequence = event.sequence, "a row of the journal holds no event");
            return Ok(ControlFlow::Continue(()));
        };
        self.line.clear();
        self.format.write(Stored { document: &document, text: &event.document }, &mut self.line);
        self.line.push(b'\n');
        out.verbatim(&self.line)?;
        self.left -= 1;
        let is_done = self.left == 0 || out.is_closed();
        Ok(if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
