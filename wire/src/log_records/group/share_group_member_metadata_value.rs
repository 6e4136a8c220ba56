// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupMemberMetadataValue (type 10), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ShareGroupMemberMetadataValue (type 10), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ShareGroupMemberMetadataValue {
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Client id.
    pub client_id: Str,
    /// Client host.
    pub client_host: Str,
    /// Subscribed topic names.
    pub subscribed_topic_names: Vec<Str>,
}
