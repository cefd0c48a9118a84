//! The journal: what happened and what was accepted, in one SQLite database that only its owner can read. Must
//! not know what a drift means, how an event is delivered or who asks.
//!
//! Nothing secret stands in it in the clear: events carry fingerprints, and what a revert needs is sealed under
//! a key that lies beside the database, not in it.

mod approval_rows;
mod approvals;
mod error;
mod events;
mod form;
mod keyfile;
mod migrate;
mod open;
mod query;
mod seal;
mod tables;

pub use self::approval_rows::{ApprovalRecord, ApprovalState};
pub use self::approvals::NewApproval;
pub use self::error::JournalError;
pub use self::events::StoredEvent;
pub use self::open::Journal;
pub use self::query::EventFilter;
