// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ClientQuotaRecord (type 14), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ClientQuotaRecord (type 14), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ClientQuotaRecord {
    /// Entity.
    pub entity: Vec<EntityData>,
    /// Key.
    pub key: Str,
    /// Value.
    pub value: f64,
    /// Remove.
    pub remove: bool,
}

/// Part of [`ClientQuotaRecord`]: entity data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EntityData {
    /// Entity type.
    pub entity_type: Str,
    /// Entity name.
    #[field(nullable)]
    pub entity_name: Option<Str>,
}
