// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ControlRecordTypeSchema, versions 0–0.

use crate::Message;

/// ControlRecordTypeSchema, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ControlRecordTypeSchema {
    /// Type.
    pub r#type: i16,
}
