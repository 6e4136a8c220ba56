// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeConfigs response (key 32), versions 0–4.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeConfigs response (key 32), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=4, flexible = 4)]
pub struct DescribeConfigsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Results.
    pub results: Vec<DescribeConfigsResult>,
}

/// Part of [`DescribeConfigsResponse`]: describe configs result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsResult {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Configs.
    pub configs: Vec<DescribeConfigsResourceResult>,
}

/// Part of [`DescribeConfigsResponse`]: describe configs resource result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsResourceResult {
    /// Name.
    pub name: Str,
    /// Value.
    #[field(nullable)]
    pub value: Option<Str>,
    /// Read only.
    pub read_only: bool,
    /// Is default; versions 0–0.
    #[field(versions = 0..=0, ignorable)]
    pub is_default: bool,
    /// Config source; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub config_source: i8,
    /// Is sensitive.
    pub is_sensitive: bool,
    /// Synonyms; since version 1.
    #[field(versions = 1.., ignorable)]
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// Config type; since version 3.
    #[field(versions = 3.., ignorable)]
    pub config_type: i8,
    /// Documentation; since version 3.
    #[field(versions = 3.., nullable, ignorable)]
    pub documentation: Option<Str>,
}

/// Part of [`DescribeConfigsResponse`]: describe configs synonym.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsSynonym {
    /// Name; since version 1.
    #[field(versions = 1..)]
    pub name: Str,
    /// Value; since version 1.
    #[field(versions = 1.., nullable)]
    pub value: Option<Str>,
    /// Source; since version 1.
    #[field(versions = 1..)]
    pub source: i8,
}
