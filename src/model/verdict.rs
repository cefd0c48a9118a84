//! What the baseline says about one thing.

use crate::model::approval::Approval;
use crate::model::entry::Entry;
use crate::model::template::{Pattern, Template};
use crate::model::value::Value;

/// What the baseline says about one server.
#[derive(Clone, Debug)]
pub enum ServerVerdict<'b> {
    /// A deny entry matches it.
    Denied {
        /// Whose.
        template: &'b Template,
        /// Which entry.
        pattern: &'b Pattern,
    },
    /// A template names it: it must be equal field by field.
    Named {
        /// Which template.
        template: &'b Template,
        /// What it should be.
        expected: &'b Entry,
    },
    /// An allow entry matches it.
    Allowed {
        /// Whose.
        template: &'b Template,
        /// Which entry.
        pattern: &'b Pattern,
    },
    /// No template knows it, and one denies what it does not know.
    NotListed {
        /// Which template.
        template: &'b Template,
    },
    /// The same content was approved under this name and scope.
    Approved {
        /// By which approval.
        approval: &'b Approval,
    },
    /// Something else was approved under this identity.
    Differs {
        /// By which approval.
        approval: &'b Approval,
        /// What it should be.
        expected: Entry,
    },
    /// Nothing is known of it.
    Unknown,
}

/// What the baseline says about anything else that can be approved.
#[derive(Clone, Debug)]
pub enum ContentVerdict<'b> {
    /// A template rules it.
    Ruled {
        /// Which template.
        template: &'b Template,
        /// What it should be.
        expected: &'b Value,
    },
    /// This content was approved.
    Approved {
        /// By which approval.
        approval: &'b Approval,
    },
    /// Another content was approved.
    Differs {
        /// By which approval.
        approval: &'b Approval,
    },
    /// Nothing is known of it.
    Unknown,
}
