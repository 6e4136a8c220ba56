// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteAcls request (key 31), versions 0–3.

use crate::Message;
use ottla_types::Str;

/// DeleteAcls request (key 31), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DeleteAcls, versions = 0..=3, flexible = 2, response = crate::messages::delete_acls_response::DeleteAclsResponse)]
pub struct DeleteAclsRequest {
    /// Filters.
    pub filters: Vec<DeleteAclsFilter>,
}

/// Part of [`DeleteAclsRequest`]: delete acls filter.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteAclsFilter {
    /// Resource type filter.
    pub resource_type_filter: i8,
    /// Resource name filter.
    #[field(nullable)]
    pub resource_name_filter: Option<Str>,
    /// Pattern type filter; since version 1.
    #[field(versions = 1.., default = 3)]
    pub pattern_type_filter: i8,
    /// Principal filter.
    #[field(nullable)]
    pub principal_filter: Option<Str>,
    /// Host filter.
    #[field(nullable)]
    pub host_filter: Option<Str>,
    /// Operation.
    pub operation: i8,
    /// Permission type.
    pub permission_type: i8,
}
