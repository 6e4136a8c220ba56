// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! TopicRecord (type 2), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// TopicRecord (type 2), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct TopicRecord {
    /// Name.
    pub name: Str,
    /// Topic id.
    pub topic_id: Uuid,
}
