// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! NoOpRecord (type 20), versions 0–0.

use crate::Message;

/// NoOpRecord (type 20), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct NoOpRecord {}
