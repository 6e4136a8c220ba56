// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreateTopics response (key 19), versions 0–7.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// CreateTopics response (key 19), versions 0–7.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=7, flexible = 5)]
pub struct CreateTopicsResponse {
    /// Throttle time, in milliseconds; since version 2.
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<CreatableTopicResult>,
}

/// Part of [`CreateTopicsResponse`]: creatable topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopicResult {
    /// Name.
    pub name: Str,
    /// Topic id; since version 7.
    #[field(versions = 7.., ignorable)]
    pub topic_id: Uuid,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message; since version 1.
    #[field(versions = 1.., nullable, ignorable)]
    pub error_message: Option<Str>,
    /// Topic config error code; since version 5.
    #[field(versions = 5.., tag = 0, ignorable)]
    pub topic_config_error_code: ErrorCode,
    /// Num partitions; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub num_partitions: i32,
    /// Replication factor; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub replication_factor: i16,
    /// Configs; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

/// Part of [`CreateTopicsResponse`]: creatable topic configs.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopicConfigs {
    /// Name; since version 5.
    #[field(versions = 5..)]
    pub name: Str,
    /// Value; since version 5.
    #[field(versions = 5.., nullable = 5..)]
    pub value: Option<Str>,
    /// Read only; since version 5.
    #[field(versions = 5..)]
    pub read_only: bool,
    /// Config source; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub config_source: i8,
    /// Is sensitive; since version 5.
    #[field(versions = 5..)]
    pub is_sensitive: bool,
}
