// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupRegularExpressionValue (type 16), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ConsumerGroupRegularExpressionValue (type 16), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConsumerGroupRegularExpressionValue {
    /// Topics.
    pub topics: Vec<Str>,
    /// Version.
    pub version: i64,
    /// Timestamp.
    pub timestamp: i64,
}
