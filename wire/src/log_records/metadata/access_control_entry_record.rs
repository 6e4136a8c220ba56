// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AccessControlEntryRecord (type 18), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// AccessControlEntryRecord (type 18), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct AccessControlEntryRecord {
    /// Id.
    pub id: Uuid,
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Pattern type.
    pub pattern_type: i8,
    /// Principal.
    pub principal: Str,
    /// Host.
    pub host: Str,
    /// Operation.
    pub operation: i8,
    /// Permission type.
    pub permission_type: i8,
}
