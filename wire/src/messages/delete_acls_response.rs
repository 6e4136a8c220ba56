// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteAcls response (key 31), versions 0–3.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DeleteAcls response (key 31), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=3, flexible = 2)]
pub struct DeleteAclsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Filter results.
    pub filter_results: Vec<DeleteAclsFilterResult>,
}

/// Part of [`DeleteAclsResponse`]: delete acls filter result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteAclsFilterResult {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Matching acls.
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
}

/// Part of [`DeleteAclsResponse`]: delete acls matching acl.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteAclsMatchingAcl {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Pattern type; since version 1.
    #[field(versions = 1.., default = 3)]
    pub pattern_type: i8,
    /// Principal.
    pub principal: Str,
    /// Host.
    pub host: Str,
    /// Operation.
    pub operation: i8,
    /// Permission type.
    pub permission_type: i8,
}
