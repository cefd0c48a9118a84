//! Templates and approvals, and what they say about what was found. Pure: bytes in, types out. Knows no file
//! system, no clock and none of the places where a client keeps its configuration.
//!
//! - [`template`] reads a template, or says with line and column what is wrong with it;
//! - [`Baseline`] gives the verdict on a server, a setting or any other content;
//! - [`signed`] says which templates of a directory that demands signatures are in force;
//! - [`pattern`] and [`url_pattern`] match allow and deny entries as Claude Code does;
//! - [`catalogue`] knows the official endpoints of well-known vendors.

pub mod catalogue;
mod index;
pub mod pattern;
mod resolve;
pub mod signed;
mod standing;
pub mod template;
pub mod url_pattern;

pub use index::Index;
pub use resolve::Verdicts;
pub use standing::{Ground, Standing};

use crate::model::approval::Approval;
use crate::model::template::Template;
use crate::model::value::Value;

/// Everything that is expected of one home.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// The templates in force.
    pub templates: Vec<Template>,
    /// The approvals of this home that have neither been withdrawn nor expired.
    pub approvals: Vec<Approval>,
}

/// What approvals of this machine count for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LocalApprovals {
    /// They say what should be there, where no template does.
    #[default]
    Count,
    /// They are switched off: templates alone say it.
    SwitchedOff,
}

/// A setting that a template rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpectedSetting<'b> {
    /// Which template.
    pub template: &'b Template,
    /// Its path in the client's settings.
    pub key: &'b str,
    /// What it should be.
    pub expected: &'b Value,
}

impl Baseline {
    /// Whether nothing is expected: no template, no approval.
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty() && self.approvals.is_empty()
    }

    /// The servers that must be there, and by whose word.
    pub fn required(&self) -> Vec<(&Template, &str)> {
        self.templates
            .iter()
            .flat_map(|template| template.required.iter().map(move |name| (template, name.as_str())))
            .collect()
    }

    /// Every setting that a template rules. Where several rule one key in the same scope, the last counts
    /// ([`Baseline::setting`]); this lists them all.
    pub fn settings_expected(&self) -> Vec<ExpectedSetting<'_>> {
        self.templates
            .iter()
            .flat_map(|template| {
                template.settings.iter().map(move |(key, expected)| ExpectedSetting {
                    template,
                    key,
                    expected,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
