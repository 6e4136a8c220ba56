// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ApiVersions response (key 18), versions 0–4.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ApiVersions response (key 18), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=4, flexible = 3)]
pub struct ApiVersionsResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Api keys.
    pub api_keys: Vec<ApiVersion>,
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Supported features; since version 3.
    #[field(versions = 3.., tag = 0, ignorable)]
    pub supported_features: Vec<SupportedFeatureKey>,
    /// Finalized features epoch; since version 3.
    #[field(versions = 3.., tag = 1, ignorable, default = -1)]
    pub finalized_features_epoch: i64,
    /// Finalized features; since version 3.
    #[field(versions = 3.., tag = 2, ignorable)]
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Zk migration ready; since version 3.
    #[field(versions = 3.., tag = 3, ignorable)]
    pub zk_migration_ready: bool,
}

/// Part of [`ApiVersionsResponse`]: api version.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ApiVersion {
    /// Api key.
    pub api_key: i16,
    /// Min version.
    pub min_version: i16,
    /// Max version.
    pub max_version: i16,
}

/// Part of [`ApiVersionsResponse`]: supported feature key.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SupportedFeatureKey {
    /// Name; since version 3.
    #[field(versions = 3..)]
    pub name: Str,
    /// Min version; since version 3.
    #[field(versions = 3..)]
    pub min_version: i16,
    /// Max version; since version 3.
    #[field(versions = 3..)]
    pub max_version: i16,
}

/// Part of [`ApiVersionsResponse`]: finalized feature key.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FinalizedFeatureKey {
    /// Name; since version 3.
    #[field(versions = 3..)]
    pub name: Str,
    /// Max version level; since version 3.
    #[field(versions = 3..)]
    pub max_version_level: i16,
    /// Min version level; since version 3.
    #[field(versions = 3..)]
    pub min_version_level: i16,
}
