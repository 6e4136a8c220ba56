// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AllocateProducerIds request (key 67), versions 0–0.

use crate::Message;

/// AllocateProducerIds request (key 67), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AllocateProducerIds, versions = 0..=0, flexible = 0, response = crate::messages::allocate_producer_ids_response::AllocateProducerIdsResponse)]
pub struct AllocateProducerIdsRequest {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    #[field(default = -1)]
    pub broker_epoch: i64,
}
