// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeAcls response (key 29), versions 0–3.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeAcls response (key 29), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=3, flexible = 2)]
pub struct DescribeAclsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Resources.
    pub resources: Vec<DescribeAclsResource>,
}

/// Part of [`DescribeAclsResponse`]: describe acls resource.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeAclsResource {
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Pattern type; since version 1.
    #[field(versions = 1.., default = 3)]
    pub pattern_type: i8,
    /// Acls.
    pub acls: Vec<AclDescription>,
}

/// Part of [`DescribeAclsResponse`]: acl description.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AclDescription {
    /// Principal.
    pub principal: Str,
    /// Host.
    pub host: Str,
    /// Operation.
    pub operation: i8,
    /// Permission type.
    pub permission_type: i8,
}
