// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! GetTelemetrySubscriptions request (key 71), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// GetTelemetrySubscriptions request (key 71), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = GetTelemetrySubscriptions, versions = 0..=0, flexible = 0, response = crate::messages::get_telemetry_subscriptions_response::GetTelemetrySubscriptionsResponse)]
pub struct GetTelemetrySubscriptionsRequest {
    /// Client instance id.
    pub client_instance_id: Uuid,
}
