// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UnregisterBroker request (key 64), versions 0–0.

use crate::Message;

/// UnregisterBroker request (key 64), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = UnregisterBroker, versions = 0..=0, flexible = 0, response = crate::messages::unregister_broker_response::UnregisterBrokerResponse)]
pub struct UnregisterBrokerRequest {
    /// Broker id.
    pub broker_id: i32,
}
