// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! GetTelemetrySubscriptions response (key 71), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// GetTelemetrySubscriptions response (key 71), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct GetTelemetrySubscriptionsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Client instance id.
    pub client_instance_id: Uuid,
    /// Subscription id.
    pub subscription_id: i32,
    /// Accepted compression types.
    pub accepted_compression_types: Vec<i8>,
    /// Push interval, in milliseconds.
    pub push_interval_ms: i32,
    /// Telemetry max bytes.
    pub telemetry_max_bytes: i32,
    /// Delta temporality.
    pub delta_temporality: bool,
    /// Requested metrics.
    pub requested_metrics: Vec<Str>,
}
