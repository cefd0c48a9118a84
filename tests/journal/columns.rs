//! The view that other programs read with SQL: its columns, what they say, and rows that somebody broke.

use super::chaining::of_version_1;
use super::{event, state};
use mcpwatch::journal::Journal;
use mcpwatch::model::event::AgentAction;
use mcpwatch::model::level::Level;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::path::Path;

/// The columns, in their order. They are part of the interface: none goes, new ones come at the end, before none.
const COLUMNS: &[&str] = &[
    "sequence",
    "id",
    "time",
    "action",
    "level",
    "kind",
    "message",
    "host",
    "user",
    "home",
    "client",
    "scope",
    "project",
    "server",
    "drift_id",
    "field",
    "expected",
    "observed",
    "file",
    "domain",
    "process_pid",
    "process_executable",
    "process_command_line",
    "author",
    "actor",
    "confidence",
    "package_type",
    "package_name",
    "package_version",
    "rule_id",
    "rule_name",
    "techniques",
    "chain_hash",
    "document",
];

fn reader(state: &Path) -> Connection {
    Connection::open_with_flags(state.join("journal.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn columns(connection: &Connection) -> Vec<String> {
    connection.prepare("SELECT * FROM event_columns").unwrap().column_names().map(str::to_owned).collect()
}

#[test]
fn an_event_is_a_row() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    let mut told = event("1", AgentAction::CredentialsLost, Level::High, 0);
    told.set("mcpwatch.server", "linear");
    told.set("threat.technique.id", vec!["T1557", "T1195.002"]);
    told.set("process.pid", 7);
    let stored = journal.append(told).unwrap();
    let connection = reader(&state);
    assert_eq!(columns(&connection), COLUMNS);
    let sql = "SELECT sequence, server, process_pid, techniques, chain_hash, message, package_name FROM event_columns";
    let row: (i64, String, i64, String, String, String, Option<String>) = connection
        .query_row(sql, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .unwrap();
    let techniques = r#"["T1557","T1195.002"]"#.to_owned();
    assert_eq!(row, (1, "linear".into(), 7, techniques, stored.hash, "It happened.".into(), None));
}

#[test]
fn a_row_that_somebody_broke_hides_no_other() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    for id in ["1", "2", "3"] {
        journal.append(event(id, AgentAction::AgentGap, Level::Low, 0)).unwrap();
    }
    drop(journal);
    let writer = Connection::open(state.join("journal.db")).unwrap();
    writer.execute("UPDATE events SET document = '{' WHERE seq = 2", []).unwrap();
    let mut select =
        writer.prepare("SELECT sequence, message IS NULL FROM event_columns ORDER BY sequence").unwrap();
    let rows: Vec<(i64, bool)> =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows, [(1, false), (2, true), (3, false)]);
}

#[test]
fn an_older_journal_gets_the_view() {
    let (_root, state) = of_version_1("filled");
    drop(Journal::open_existing(&state).unwrap());
    let connection = reader(&state);
    assert_eq!(columns(&connection), COLUMNS);
    let count: i64 =
        connection.query_row("SELECT count(message) FROM event_columns", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 9);
}

#[test]
fn osquery_is_told_columns_that_there_are() {
    let table = include_str!("../../packaging/siem/osquery/mcpwatch.conf");
    let table: Value = serde_json::from_str(table).unwrap();
    let table = &table["auto_table_construction"]["mcpwatch_events"];
    let (_root, state) = state();
    drop(Journal::open(&state).unwrap());
    let connection = reader(&state);
    let select = connection.prepare(table["query"].as_str().unwrap()).unwrap();
    let names: Vec<Value> = select.column_names().map(Value::from).collect();
    assert_eq!(&Value::Array(names), &table["columns"]);
}
