// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterUserScramCredentials response (key 51), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AlterUserScramCredentials response (key 51), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct AlterUserScramCredentialsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Results.
    pub results: Vec<AlterUserScramCredentialsResult>,
}

/// Part of [`AlterUserScramCredentialsResponse`]: alter user scram credentials result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterUserScramCredentialsResult {
    /// User.
    pub user: Str,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
