//! The broker: wiring, the table of APIs, handlers, partitions.
//!
//! Start reading at `start.rs` (from settings to a running broker) or at `apis.rs` (the one table of APIs); a request's
//! way is `dispatch.rs` → `api/<area>/<name>.rs` → one capability → `partition.rs`, `coordinator.rs` or
//! `metadata_shell.rs`.

#![forbid(unsafe_code)]

mod api;
mod apis;
mod authorized_operations;
mod background;
mod broker;
mod call;
mod cleaner;
mod clock;
mod coordinator;
mod dispatch;
mod fetch_sessions;
mod follow;
mod format;
pub mod http;
mod in_process;
pub mod metadata_shell;
pub mod metrics;
mod metrics_source;
mod partition;
mod producer_ids;
mod settings;
mod start;
mod survey;
mod transactions;

pub use apis::{Api, table};
pub use broker::Broker;
pub use dispatch::Dispatcher;
pub use format::{FormatError, format, is_formatted};
pub use in_process::InProcess;
pub use start::{RunningBroker, StartError};
pub use survey::{Survey, SurveyedDir, survey};
