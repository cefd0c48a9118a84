//! Chaining the events of a journal that was made before there was a chain. Their documents stay byte for byte.

use super::approval_state;
use super::chain::{GENESIS, hash_of_bare};
use super::head::{Head, Record};
use crate::model::digest::Key;
use rusqlite::{Connection, params};

/// Rows that are copied at once.
const PAGE: i64 = 500;

/// Copies every event to its place in the chain, a page at a time, and records the head.
pub(super) fn chain(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    let mut head = Head { sequence: i64::MIN, hash: GENESIS };
    loop {
        let page: Vec<(i64, Vec<u8>)> = connection
            .prepare_cached(
                "SELECT seq, CAST(document AS BLOB) FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )?
            .query_map(params![head.sequence, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (sequence, document) in &page {
            let hash = hash_of_bare(key, head.hash, *sequence, document);
            connection
                .prepare_cached(
                    "INSERT INTO chained_events (seq, id, time, action, level, kind, home, document, hash) \
                     SELECT seq, id, time, action, level, kind, home, document, ?2 FROM events WHERE seq = ?1",
                )?
                .execute(params![sequence, hash.to_string()])?;
            head = Head { sequence: *sequence, hash };
        }
        if page.is_empty() {
            break;
        }
    }
    let head = if head.sequence == i64::MIN { Head::EMPTY } else { head };
    Record { head, approvals: approval_state::digest(connection, key)? }.found(connection, key)
}
