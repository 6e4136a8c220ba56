// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoveTopicRecord (type 9), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// RemoveTopicRecord (type 9), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemoveTopicRecord {
    /// Topic id.
    pub topic_id: Uuid,
}
