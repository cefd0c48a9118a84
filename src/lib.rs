//! `mcpwatch` guards the files that tell an AI coding agent which MCP servers to talk to.
//!
//! The modules stand on layers; a module uses lower layers only. `ARCHITECTURE.md` draws them and
//! `tests/architecture.rs` keeps the drawing true.

pub mod agent;
pub mod attribution;
pub mod baseline;
pub mod check;
pub mod cli;
pub mod compose;
pub mod config;
pub mod credentials;
pub mod delivery;
pub mod drift;
pub mod export;
pub mod host;
pub mod journal;
pub mod json;
pub mod model;
pub mod pipeline;
pub mod provenance;
pub mod receipt;
pub mod restore;
pub mod rules;
pub mod sensor;
pub mod session;
pub mod sink;
pub mod splice;
pub mod surface;
