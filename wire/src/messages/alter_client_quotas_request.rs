// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterClientQuotas request (key 49), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// AlterClientQuotas request (key 49), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterClientQuotas, versions = 0..=1, flexible = 1, response = crate::messages::alter_client_quotas_response::AlterClientQuotasResponse)]
pub struct AlterClientQuotasRequest {
    /// Entries.
    pub entries: Vec<EntryData>,
    /// Validate only.
    pub validate_only: bool,
}

/// Part of [`AlterClientQuotasRequest`]: entry data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntryData {
    /// Entity.
    pub entity: Vec<EntityData>,
    /// Ops.
    pub ops: Vec<OpData>,
}

/// Part of [`AlterClientQuotasRequest`]: entity data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntityData {
    /// Entity type.
    pub entity_type: Str,
    /// Entity name.
    #[field(nullable)]
    pub entity_name: Option<Str>,
}

/// Part of [`AlterClientQuotasRequest`]: op data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OpData {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: f64,
    /// Remove.
    pub remove: bool,
}
