// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! GroupMetadataValue (type 2), versions 0–4.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// GroupMetadataValue (type 2), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=4, flexible = 4)]
pub struct GroupMetadataValue {
    /// Protocol type.
    pub protocol_type: Str,
    /// Generation.
    pub generation: i32,
    /// Protocol.
    #[field(nullable)]
    pub protocol: Option<Str>,
    /// Leader.
    #[field(nullable)]
    pub leader: Option<Str>,
    /// Current state timestamp; since version 2.
    #[field(versions = 2.., ignorable, default = -1)]
    pub current_state_timestamp: i64,
    /// Members.
    pub members: Vec<MemberMetadata>,
}

/// Part of [`GroupMetadataValue`]: member metadata.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MemberMetadata {
    /// Member id.
    pub member_id: Str,
    /// Group instance id; since version 3.
    #[field(versions = 3.., nullable = 3.., ignorable)]
    pub group_instance_id: Option<Str>,
    /// Client id.
    pub client_id: Str,
    /// Client host.
    pub client_host: Str,
    /// Rebalance timeout; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub rebalance_timeout: i32,
    /// Session timeout.
    pub session_timeout: i32,
    /// Subscription.
    pub subscription: Bytes,
    /// Assignment.
    pub assignment: Bytes,
}
