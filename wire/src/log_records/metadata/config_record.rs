// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConfigRecord (type 4), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ConfigRecord (type 4), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConfigRecord {
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Name.
    pub name: Str,
    /// Value.
    #[field(nullable)]
    pub value: Option<Str>,
}
