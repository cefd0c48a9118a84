//! The drifts that stand, across restarts. Must not know when a drift stands or what is told of it.
//!
//! Each row is authenticated under the key: a row that somebody put there or changed is not believed, since it
//! could keep a drift from being told.

use super::credentials;
use super::error::JournalError;
use super::open::Journal;
use super::seal::Sealer;
use super::tables::{failed, text, text_if_any};
use crate::model::digest::Key;
use crate::model::event::Event;
use crate::model::event::identity::{path_from_text, path_text};
use crate::model::event::time_text;
use crate::model::standing::{About, StandingDrift};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is to be remembered of a drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandingChange {
    /// It stands, as told. Takes the place of what was remembered under its id.
    Stands {
        /// The home.
        home: PathBuf,
        /// The drift.
        drift: StandingDrift,
    },
    /// It stands no longer.
    Ended {
        /// The home.
        home: PathBuf,
        /// The drift's own id.
        drift_id: String,
    },
    /// What was told of the credentials files of a home, in the words of whoever told it.
    Credentials {
        /// The home.
        home: PathBuf,
        /// What was told.
        told: Vec<u8>,
    },
}

/// The name under which the last sign of life is kept.
const ALIVE: &str = "alive";

const COLUMNS: &str = "home, drift, state, since, level, kind, summary, event, mac";

struct Fields {
    home: String,
    drift: String,
    state: String,
    since: String,
    level: String,
    kind: String,
    summary: String,
    event: Option<String>,
}

impl Fields {
    fn new(home: &Path, drift: &StandingDrift) -> Self {
        Self {
            home: path_text(home),
            drift: drift.drift_id.clone(),
            state: drift.state.clone(),
            since: time_text(drift.since),
            level: drift.level.as_str().to_owned(),
            kind: drift.kind.as_str().to_owned(),
            summary: drift.summary.clone(),
            event: drift.event_id.clone(),
        }
    }

    fn mac(&self, key: &Key) -> String {
        let said = json!([
            self.home,
            self.drift,
            self.state,
            self.since,
            self.level,
            self.kind,
            self.summary,
            self.event
        ]);
        key.authenticate("journal standing", said.to_string().as_bytes()).to_string()
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<(Self, String)> {
        let fields = Self {
            home: text(row, 0)?,
            drift: text(row, 1)?,
            state: text(row, 2)?,
            since: text(row, 3)?,
            level: text(row, 4)?,
            kind: text(row, 5)?,
            summary: text(row, 6)?,
            event: text_if_any(row, 7)?,
        };
        Ok((fields, text(row, 8)?))
    }

    fn drift(self) -> Option<StandingDrift> {
        Some(StandingDrift {
            since: self.since.parse().ok()?,
            level: self.level.parse().ok()?,
            kind: self.kind.parse().ok()?,
            drift_id: self.drift,
            state: self.state,
            summary: self.summary,
            event_id: self.event,
            about: About::default(),
        })
    }
}

/// Remembers one change, in the caller's transaction.
pub(super) fn change(
    connection: &Connection,
    key: &Key,
    change: &StandingChange,
    path: &Path,
) -> Result<(), JournalError> {
    match change {
        StandingChange::Stands { home, drift } => stands(connection, key, home, drift).map_err(failed(path)),
        StandingChange::Ended { home, drift_id } => connection
            .prepare_cached("DELETE FROM standing WHERE home = ?1 AND drift = ?2")
            .and_then(|mut delete| delete.execute(params![path_text(home), drift_id]))
            .map(drop)
            .map_err(failed(path)),
        StandingChange::Credentials { home, told } => {
            credentials::remember(connection, &Sealer::new(key), home, told, path)
        }
    }
}

fn stands(connection: &Connection, key: &Key, home: &Path, drift: &StandingDrift) -> rusqlite::Result<()> {
    let fields = Fields::new(home, drift);
    let sql =
        format!("INSERT OR REPLACE INTO standing ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    connection
        .prepare_cached(&sql)?
        .execute(params![
            fields.home,
            fields.drift,
            fields.state,
            fields.since,
            fields.level,
            fields.kind,
            fields.summary,
            fields.event,
            fields.mac(key)
        ])
        .map(drop)
}

/// Takes over what another journal under the same key remembers, as far as it is as it was written, and its last
/// sign of life; says how many drifts stand.
pub(super) fn take_over(from: &Connection, to: &Connection, key: &Key) -> rusqlite::Result<u64> {
    let mut select = from.prepare(&format!("SELECT {COLUMNS} FROM standing"))?;
    let rows = select.query_map([], Fields::from_row)?;
    let mut count = 0;
    for row in rows {
        let (fields, mac) = row?;
        let home = path_from_text(&fields.home).filter(|_| fields.mac(key) == mac);
        if let Some((home, drift)) = home.zip(fields.drift()) {
            stands(to, key, &home, &drift)?;
            count += 1;
        }
    }
    let alive: Option<String> =
        from.query_row("SELECT value FROM meta WHERE name = ?1", [ALIVE], |row| text(row, 0)).optional()?;
    to.execute("INSERT INTO meta (name, value) SELECT ?1, ?2 WHERE ?2 IS NOT NULL", (ALIVE, alive))?;
    Ok(count)
}

impl Journal {
    /// The drifts that stood in that home when the agent last looked. A row that is not as it was written is left
    /// out, so that its drift is told again.
    pub fn standing(&self, home: &Path) -> Result<Vec<StandingDrift>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM standing WHERE home = ?1 ORDER BY since, drift");
        let rows: Vec<(Fields, String)> = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut select| select.query_map([path_text(home)], Fields::from_row)?.collect())
            .map_err(failed(&self.path))?;
        let mut standing = Vec::with_capacity(rows.len());
        for (fields, mac) in rows {
            if fields.mac(&self.key) == mac {
                let drift = fields.drift().map(|drift| StandingDrift { about: self.about(&drift), ..drift });
                standing.extend(drift);
            } else {
                tracing::warn!(drift = fields.drift, "a standing drift was tampered with and is told again");
            }
        }
        Ok(standing)
    }

    /// What that drift is about, as far as the event that told it is there to say so.
    fn about(&self, drift: &StandingDrift) -> About {
        let find = |id| {
            let sql = "SELECT document FROM events WHERE id = ?1";
            self.connection.prepare_cached(sql)?.query_row([id], |row| text(row, 0)).optional()
        };
        let document = drift.event_id.as_ref().and_then(|id| find(id).ok().flatten());
        let event = document.and_then(|text| Event::from_document(serde_json::from_str(&text).ok()?));
        event.as_ref().map(About::of).unwrap_or_default()
    }

    /// Whether the drift of that id stands in any home, since when.
    pub fn stands_since(&self, drift_id: &str) -> Result<Option<Timestamp>, JournalError> {
        let since: Option<String> = self
            .connection
            .query_row("SELECT min(since) FROM standing WHERE drift = ?1", [drift_id], |row| row.get(0))
            .map_err(failed(&self.path))?;
        Ok(since.and_then(|since| since.parse().ok()))
    }

    /// Remembers that an agent lived at that time.
    pub fn mark_alive(&mut self, time: Timestamp) -> Result<(), JournalError> {
        self.require_attached()?;
        self.connection
            .execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", (ALIVE, time_text(time)))
            .map(drop)
            .map_err(failed(&self.path))
    }

    /// When an agent last said that it lived.
    pub fn alive(&self) -> Result<Option<Timestamp>, JournalError> {
        let time: Option<String> = self
            .connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [ALIVE], |row| row.get(0))
            .optional()
            .map_err(failed(&self.path))?;
        Ok(time.and_then(|time| time.parse().ok()))
    }
}
