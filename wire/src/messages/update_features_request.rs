// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UpdateFeatures request (key 57), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// UpdateFeatures request (key 57), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = UpdateFeatures, versions = 0..=2, flexible = 0, response = crate::messages::update_features_response::UpdateFeaturesResponse)]
pub struct UpdateFeaturesRequest {
    /// Timeout, in milliseconds.
    #[field(default = 60000)]
    pub timeout_ms: i32,
    /// Feature updates.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// Validate only; since version 1.
    #[field(versions = 1..)]
    pub validate_only: bool,
}

/// Part of [`UpdateFeaturesRequest`]: feature update key.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FeatureUpdateKey {
    /// Feature.
    pub feature: Str,
    /// Max version level.
    pub max_version_level: i16,
    /// Allow downgrade; versions 0–0.
    #[field(versions = 0..=0)]
    pub allow_downgrade: bool,
    /// Upgrade type; since version 1.
    #[field(versions = 1.., default = 1)]
    pub upgrade_type: i8,
}
