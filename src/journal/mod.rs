//! The journal: what happened and what was accepted, in one SQLite database that only its owner can read. Must
//! not know what a drift means, how an event is delivered or who asks.
//!
//! Nothing secret stands in it in the clear: events carry fingerprints, and what a revert needs is sealed under
//! a key that lies beside the database, not in it.

mod approval_rows;
mod approval_state;
mod approvals;
mod attached;
mod chain;
mod chain_old;
mod checkpoints;
mod commit;
mod credentials;
mod error;
mod events;
mod form;
mod found;
mod head;
mod kept_key;
mod keyfile;
mod log;
mod migrate;
mod open;
mod outbox;
mod query;
mod reattach;
mod renew;
mod retain;
mod room;
mod salvage;
mod seal;
mod sealed;
mod sinks;
mod standing;
mod tables;
mod templates;
mod verify;

pub use self::approval_rows::{ApprovalRecord, ApprovalState};
pub use self::approvals::NewApproval;
pub use self::checkpoints::Checkpoint;
pub use self::commit::Batch;
pub use self::credentials::KeptLogin;
pub use self::error::JournalError;
pub use self::events::StoredEvent;
pub use self::found::{Found, What};
pub use self::head::Head;
pub use self::kept_key::KeyPutBack;
pub use self::open::Journal;
pub use self::outbox::Outbox;
pub use self::query::EventFilter;
pub use self::reattach::Reattached;
pub use self::renew::Renewed;
pub use self::retain::Trimmed;
pub use self::salvage::Lost;
pub use self::sinks::SinkState;
pub use self::standing::StandingChange;
pub use self::verify::{Break, Fault, Place, Sought, Verification, Verified};
