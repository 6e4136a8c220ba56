// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterClientQuotas response (key 49), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AlterClientQuotas response (key 49), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 1)]
pub struct AlterClientQuotasResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Entries.
    pub entries: Vec<EntryData>,
}

/// Part of [`AlterClientQuotasResponse`]: entry data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntryData {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Entity.
    pub entity: Vec<EntityData>,
}

/// Part of [`AlterClientQuotasResponse`]: entity data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntityData {
    /// Entity type.
    pub entity_type: Str,
    /// Entity name.
    #[field(nullable)]
    pub entity_name: Option<Str>,
}
