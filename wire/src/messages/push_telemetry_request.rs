// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! PushTelemetry request (key 72), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::Uuid;

/// PushTelemetry request (key 72), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = PushTelemetry, versions = 0..=0, flexible = 0, response = crate::messages::push_telemetry_response::PushTelemetryResponse)]
pub struct PushTelemetryRequest {
    /// Client instance id.
    pub client_instance_id: Uuid,
    /// Subscription id.
    pub subscription_id: i32,
    /// Terminating.
    pub terminating: bool,
    /// Compression type.
    pub compression_type: i8,
    /// Metrics.
    pub metrics: Bytes,
}
