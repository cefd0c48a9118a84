//! Baseline × inventory → drifts. Pure: no file is opened, no clock is read, nothing is remembered.
//!
//! Each file judges one kind of subject; `entry` and what it calls say how two entries differ.

mod arguments;
mod difference;
mod endpoint;
mod entry;
pub mod explain;
mod file;
mod lint;
mod lint_settings;
mod lookalike;
mod maps;
mod oauth;
mod server;
mod setting;
mod shadow;
mod target;
pub mod textdiff;

pub use difference::Difference;
pub use file::{FileRules, file_content, judge_file, judge_managed, stands_in};
pub use lint::{LintContext, lint_server};
pub use lint_settings::{exposed_in, exposed_secrets, lint_setting};
pub use lookalike::Known;
pub use server::{judge_allowed, judge_missing_server, judge_required, judge_server, lint_shadow};
pub use setting::{judge_expected_setting, judge_missing_setting, judge_setting, moved_hook, raise_trust};
pub use shadow::shadowed_by;
pub use target::{judge_target, other_target, target_content};

#[cfg(test)]
mod tests;
