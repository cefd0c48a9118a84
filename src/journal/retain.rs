//! Dropping the oldest events when they are too old or too many, and leaving a checkpoint from which the chain can
//! still be verified. Must not know when it is called or who is told.

use super::chain::{self, GENESIS};
use super::checkpoints::{self, Checkpoint};
use super::error::JournalError;
use super::open::Journal;
use super::sinks;
use super::tables::{failed, text};
use crate::model::digest::{Digest, Key};
use crate::model::event::{Event, time_text};
use crate::model::retention::Retention;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// Events that are dropped at once, so that nobody who wants to write waits for long.
const BATCH: usize = 500;
/// Batches that are looked at until one of them holds an event that may be dropped.
const BATCHES: usize = 8;
/// The newest events stay, whatever room the journal takes.
const ALWAYS_KEPT: i64 = 1000;
/// What a row takes beside its document, more or less.
const ROW_OVERHEAD: u64 = 400;
/// Pages that are given back at once.
const PAGES_GIVEN_BACK: u32 = 2000;

/// What was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trimmed {
    /// How many events.
    pub events: u64,
    /// The number of the first.
    pub first: i64,
    /// The number of the last.
    pub last: i64,
    /// The time of the first, RFC 3339.
    pub since: String,
    /// The time of the last, RFC 3339.
    pub until: String,
    /// Whether there is more to drop: call again.
    pub more: bool,
    /// The first of them that was not as mcpwatch wrote it, if one was not.
    pub broken: Option<i64>,
    /// How many of them not every sink had taken: even for those there was no more room.
    pub undelivered: u64,
}

/// One event that may be dropped. What it is judged by is read from the document, which the chain covers.
struct Old {
    sequence: i64,
    id: String,
    time: String,
    hash: String,
    document: Vec<u8>,
    /// Whether the columns say the same.
    agrees: bool,
}

/// What one batch came to.
struct Batch {
    trimmed: Trimmed,
    /// Whether anything was written.
    moved: bool,
}

impl Journal {
    /// Drops the oldest events beyond what is to be kept, a bounded number at once, and says which; `None` when
    /// there is nothing to drop. Approvals stay, so do standing drifts and the events that told them.
    pub fn retain(&mut self, retention: &Retention, now: Timestamp) -> Result<Option<Trimmed>, JournalError> {
        let key = self.key.clone();
        for _ in 0..BATCHES {
            let batch = self
                .write(|transaction, path| trim(transaction, &key, retention, now).map_err(failed(path)))?;
            if !batch.moved {
                return Ok(None);
            }
            if batch.trimmed.events > 0 {
                self.give_room_back();
                return Ok(Some(batch.trimmed));
            }
        }
        Ok(None)
    }

    fn give_room_back(&self) {
        let vacuum = || {
            let mut pages =
                self.connection.prepare_cached(&format!("PRAGMA incremental_vacuum({PAGES_GIVEN_BACK})"))?;
            let mut given = pages.query([])?;
            // Each step gives one page back.
            while given.next()?.is_some() {}
            Ok::<_, rusqlite::Error>(())
        };
        if let Err(error) = vacuum() {
            tracing::debug!(%error, "no room was given back yet");
        }
    }
}

fn trim(
    connection: &Connection,
    key: &Key,
    retention: &Retention,
    now: Timestamp,
) -> rusqlite::Result<Batch> {
    let mut recorded = checkpoints::recorded(connection, key)?;
    let newest = recorded.pop();
    let (begin, mut previous) = match &newest {
        None => (0, GENESIS),
        Some(newest) => {
            (newest.sequence, newest.checkpoint.as_ref().map_or(GENESIS, |checkpoint| checkpoint.hash))
        }
    };
    let told = told_events(connection)?;
    let old = oldest(connection, begin)?;
    let taken = sinks::taken_by_all(connection, key)?.unwrap_or(i64::MAX);
    let cut = how_many(connection, &old, retention, taken, now)?;

    let mut kept = Vec::new();
    let mut dropped: Vec<(i64, String)> = Vec::new();
    for (sequence, before) in
        newest.iter().filter_map(|newest| newest.checkpoint.as_ref()).flat_map(|c| &c.kept)
    {
        match event_at(connection, *sequence)? {
            Some((id, time)) if !told.contains(&id) => dropped.push((*sequence, time)),
            _ => kept.push((*sequence, *before)),
        }
    }
    let mut broken = None;
    let mut last = begin;
    for event in old.iter().take(cut) {
        let follows = chain::follows(key, previous, event.sequence, &event.document, &event.hash);
        if !follows || !event.agrees {
            broken = broken.or(Some(event.sequence));
        }
        if told.contains(&event.id) {
            kept.push((event.sequence, previous));
        } else {
            dropped.push((event.sequence, event.time.clone()));
        }
        previous = Digest::from_hex(&event.hash).unwrap_or(GENESIS);
        last = event.sequence;
    }
    let undelivered = dropped.iter().filter(|(sequence, _)| *sequence > taken).count() as u64;
    let times = || dropped.iter().map(|(_, time)| time);
    let trimmed = Trimmed {
        events: dropped.len() as u64,
        first: dropped.iter().map(|(sequence, _)| *sequence).min().unwrap_or(last),
        last: dropped.iter().map(|(sequence, _)| *sequence).max().unwrap_or(last),
        since: times().min().cloned().unwrap_or_default(),
        until: times().max().cloned().unwrap_or_default(),
        more: cut == BATCH,
        broken,
        undelivered,
    };
    if cut == 0 && dropped.is_empty() {
        return Ok(Batch { trimmed, moved: false });
    }
    for (sequence, _) in &dropped {
        connection.prepare_cached("DELETE FROM events WHERE seq = ?1")?.execute([sequence])?;
    }
    let checkpoint = Checkpoint {
        sequence: last,
        hash: previous,
        events: trimmed.events,
        since: trimmed.since.clone(),
        until: trimmed.until.clone(),
        at: time_text(now),
        broken,
        kept,
    };
    write(connection, key, checkpoint, newest, recorded.last().map(|before| before.mac.as_str()))?;
    Ok(Batch { trimmed, moved: true })
}

/// Writes a checkpoint: in the place of one of the same day or the same event, so that there is one a day.
fn write(
    connection: &Connection,
    key: &Key,
    mut checkpoint: Checkpoint,
    newest: Option<checkpoints::Recorded>,
    before_newest: Option<&str>,
) -> rusqlite::Result<()> {
    let Some(newest) = newest else { return checkpoint.record(connection, key, "") };
    let day = |time: &str| time.get(..10).map(str::to_owned);
    match newest.checkpoint {
        Some(old) if old.sequence == checkpoint.sequence || day(&old.at) == day(&checkpoint.at) => {
            checkpoint.events += old.events;
            checkpoint.broken = old.broken.or(checkpoint.broken);
            let times = [old.since, old.until, checkpoint.since, checkpoint.until];
            let known = || times.iter().filter(|time| !time.is_empty());
            let (since, until) = (known().min().cloned(), known().max().cloned());
            checkpoint.since = since.unwrap_or_default();
            checkpoint.until = until.unwrap_or_default();
            connection.execute("DELETE FROM checkpoints WHERE seq = ?1", params![old.sequence])?;
            checkpoint.record(connection, key, before_newest.unwrap_or_default())
        }
        _ => checkpoint.record(connection, key, &newest.mac),
    }
}

/// The events that told of drifts that stand.
fn told_events(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    connection
        .prepare_cached("SELECT event FROM standing WHERE event IS NOT NULL")?
        .query_map([], |row| text(row, 0))?
        .collect()
}

fn oldest(connection: &Connection, after: i64) -> rusqlite::Result<Vec<Old>> {
    connection
        .prepare_cached(
            "SELECT seq, id, time, hash, CAST(document AS BLOB) FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?
        .query_map(params![after, BATCH as i64], |row| {
            let (id, time, document) = (text(row, 1)?, text(row, 2)?, row.get::<_, Vec<u8>>(4)?);
            let event = serde_json::from_slice(&document).ok().and_then(Event::from_document);
            let said = event.as_ref().map(|event| (event.id(), event.time()));
            let agrees = said == Some((id.as_str(), time.as_str()));
            let (id, time) = said.map_or((id, time), |(id, time)| (id.to_owned(), time.to_owned()));
            Ok(Old { sequence: row.get(0)?, id, time, hash: text(row, 3)?, document, agrees })
        })?
        .collect()
}

fn event_at(connection: &Connection, sequence: i64) -> rusqlite::Result<Option<(String, String)>> {
    connection
        .prepare_cached("SELECT id, time FROM events WHERE seq = ?1")?
        .query_row([sequence], |row| Ok((text(row, 0)?, text(row, 1)?)))
        .optional()
}

/// How many of the oldest are beyond what is to be kept. What not every sink has taken is kept longer.
fn how_many(
    connection: &Connection,
    old: &[Old],
    retention: &Retention,
    taken: i64,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    let age = SignedDuration::try_from(retention.keep).unwrap_or(SignedDuration::MAX);
    let oldest_kept = now.checked_sub(age).map(time_text).unwrap_or_default();
    let newest: i64 = connection.query_row("SELECT ifnull(max(seq), 0) FROM events", [], |row| row.get(0))?;
    let mut excess_now = excess(connection, retention.max_size)?;
    let mut untaken_excess = excess(connection, retention.max_size.max(retention.max_undelivered))?;
    let is_beyond = |event: &&Old| {
        let may_go = event.sequence <= newest.saturating_sub(ALWAYS_KEPT);
        let is_too_many = excess_now > 0 && may_go;
        let has_no_room = untaken_excess > 0 && may_go;
        for excess in [&mut excess_now, &mut untaken_excess] {
            *excess = excess.saturating_sub(event.document.len() as u64 + ROW_OVERHEAD);
        }
        if event.sequence > taken { has_no_room } else { is_too_many || event.time < oldest_kept }
    };
    Ok(old.iter().take_while(is_beyond).count())
}

/// By how many bytes the journal is too large. When it is, a tenth more is dropped, so that it is not at its limit
/// again with the next event.
fn excess(connection: &Connection, limit: u64) -> rusqlite::Result<u64> {
    let number = |name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    };
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    let used = pages.saturating_mul(number("page_size")?);
    Ok(if used > limit { used - limit + limit / 10 } else { 0 })
}
