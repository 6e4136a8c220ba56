// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreateAcls request (key 30), versions 0–3.

use crate::Message;
use ottla_types::Str;

/// CreateAcls request (key 30), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = CreateAcls, versions = 0..=3, flexible = 2, response = crate::messages::create_acls_response::CreateAclsResponse)]
pub struct CreateAclsRequest {
    /// Creations.
    pub creations: Vec<AclCreation>,
}

/// Part of [`CreateAclsRequest`]: acl creation.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AclCreation {
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Resource pattern type; since version 1.
    #[field(versions = 1.., default = 3)]
    pub resource_pattern_type: i8,
    /// Principal.
    pub principal: Str,
    /// Host.
    pub host: Str,
    /// Operation.
    pub operation: i8,
    /// Permission type.
    pub permission_type: i8,
}
