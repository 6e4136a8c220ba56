//! The broker: wiring, the table of APIs, handlers, partitions.

#[allow(dead_code, reason = "the group handlers use it")]
mod coordinator;
pub mod fetch_sessions;
pub mod http;
pub mod metadata_shell;
pub mod metrics;
