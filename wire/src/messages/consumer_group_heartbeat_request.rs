// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupHeartbeat request (key 68), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ConsumerGroupHeartbeat request (key 68), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ConsumerGroupHeartbeat, versions = 0..=1, flexible = 0, response = crate::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse)]
pub struct ConsumerGroupHeartbeatRequest {
    /// Group id.
    pub group_id: Str,
    /// Member id.
    pub member_id: Str,
    /// Member epoch.
    pub member_epoch: i32,
    /// Instance id.
    #[field(nullable)]
    pub instance_id: Option<Str>,
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Rebalance timeout, in milliseconds.
    #[field(default = -1)]
    pub rebalance_timeout_ms: i32,
    /// Subscribed topic names.
    #[field(nullable)]
    pub subscribed_topic_names: Option<Vec<Str>>,
    /// Subscribed topic regex; since version 1.
    #[field(versions = 1.., nullable = 1..)]
    pub subscribed_topic_regex: Option<Str>,
    /// Server assignor.
    #[field(nullable)]
    pub server_assignor: Option<Str>,
    /// Topic partitions.
    #[field(nullable)]
    pub topic_partitions: Option<Vec<TopicPartitions>>,
}

/// Part of [`ConsumerGroupHeartbeatRequest`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<i32>,
}
