// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeClientQuotas response (key 48), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeClientQuotas response (key 48), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 1)]
pub struct DescribeClientQuotasResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Entries.
    #[field(nullable)]
    pub entries: Option<Vec<EntryData>>,
}

/// Part of [`DescribeClientQuotasResponse`]: entry data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntryData {
    /// Entity.
    pub entity: Vec<EntityData>,
    /// Values.
    pub values: Vec<ValueData>,
}

/// Part of [`DescribeClientQuotasResponse`]: entity data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntityData {
    /// Entity type.
    pub entity_type: Str,
    /// Entity name.
    #[field(nullable)]
    pub entity_name: Option<Str>,
}

/// Part of [`DescribeClientQuotasResponse`]: value data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ValueData {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: f64,
}
