// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupMemberMetadataValue (type 5), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// ConsumerGroupMemberMetadataValue (type 5), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConsumerGroupMemberMetadataValue {
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
    /// Subscribed topic names.
    pub subscribed_topic_names: Vec<Str>,
    /// Subscribed topic regex.
    #[field(nullable)]
    pub subscribed_topic_regex: Option<Str>,
    /// Rebalance timeout, in milliseconds.
    #[field(default = -1)]
    pub rebalance_timeout_ms: i32,
    /// Server assignor.
    #[field(nullable)]
    pub server_assignor: Option<Str>,
    /// Classic member metadata.
    #[field(nullable, tag = 0, tagged = 0.., default = Some(Default::default()))]
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

/// Part of [`ConsumerGroupMemberMetadataValue`]: classic member metadata.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ClassicMemberMetadata {
    /// Session timeout, in milliseconds.
    pub session_timeout_ms: i32,
    /// Supported protocols.
    pub supported_protocols: Vec<ClassicProtocol>,
}

/// Part of [`ConsumerGroupMemberMetadataValue`]: classic protocol.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ClassicProtocol {
    /// Name.
    pub name: Str,
    /// Metadata.
    pub metadata: Bytes,
}
