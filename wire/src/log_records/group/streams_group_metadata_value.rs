// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupMetadataValue (type 17), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupMetadataValue (type 17), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupMetadataValue {
    /// Epoch.
    pub epoch: i32,
    /// Metadata hash.
    pub metadata_hash: i64,
    /// Validated topology epoch.
    #[field(tag = 0, tagged = 0.., default = -1)]
    pub validated_topology_epoch: i32,
    /// Last assignment configs.
    #[field(nullable, tag = 1, tagged = 0.., default = Some(Default::default()))]
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
}

/// Part of [`StreamsGroupMetadataValue`]: last assignment config.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LastAssignmentConfig {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: Str,
}
