// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ClearElrRecord (type 28), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ClearElrRecord (type 28), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ClearElrRecord {
    /// Topic name.
    pub topic_name: Str,
}
