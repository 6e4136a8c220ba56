// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreateAcls response (key 30), versions 0–3.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// CreateAcls response (key 30), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=3, flexible = 2)]
pub struct CreateAclsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Results.
    pub results: Vec<AclCreationResult>,
}

/// Part of [`CreateAclsResponse`]: acl creation result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AclCreationResult {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
