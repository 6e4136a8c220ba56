// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupMemberMetadataValue (type 19), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupMemberMetadataValue (type 19), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupMemberMetadataValue {
    /// Instance id.
    #[field(nullable)]
    pub instance_id: Option<Str>,
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Client id.
    pub client_id: Str,
    /// Client host.
    pub client_host: Str,
    /// Rebalance timeout, in milliseconds.
    #[field(default = -1)]
    pub rebalance_timeout_ms: i32,
    /// Topology epoch.
    pub topology_epoch: i32,
    /// Process id.
    pub process_id: Str,
    /// User endpoint.
    #[field(nullable)]
    pub user_endpoint: Option<Endpoint>,
    /// Client tags.
    pub client_tags: Vec<KeyValue>,
}

/// Part of [`StreamsGroupMemberMetadataValue`]: endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Endpoint {
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}

/// Part of [`StreamsGroupMemberMetadataValue`]: key value.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct KeyValue {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: Str,
}
