// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeUserScramCredentials response (key 50), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeUserScramCredentials response (key 50), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct DescribeUserScramCredentialsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Results.
    pub results: Vec<DescribeUserScramCredentialsResult>,
}

/// Part of [`DescribeUserScramCredentialsResponse`]: describe user scram credentials result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeUserScramCredentialsResult {
    /// User.
    pub user: Str,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Credential infos.
    pub credential_infos: Vec<CredentialInfo>,
}

/// Part of [`DescribeUserScramCredentialsResponse`]: credential info.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CredentialInfo {
    /// Mechanism.
    pub mechanism: i8,
    /// Iterations.
    pub iterations: i32,
}
