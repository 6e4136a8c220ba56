// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UpdateFeatures response (key 57), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// UpdateFeatures response (key 57), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 0)]
pub struct UpdateFeaturesResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Results; versions 0–1.
    #[field(versions = 0..=1, ignorable)]
    pub results: Vec<UpdatableFeatureResult>,
}

/// Part of [`UpdateFeaturesResponse`]: updatable feature result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct UpdatableFeatureResult {
    /// Feature.
    pub feature: Str,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
