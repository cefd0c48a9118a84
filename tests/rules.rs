//! The shipped rules against their examples, everyday life and Sigma's reference implementation; rules of one's own
//! through the real binary.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

#[path = "rules_cases/own.rs"]
mod own;
#[path = "rules_cases/shipped.rs"]
mod shipped;
