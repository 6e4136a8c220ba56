// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeGroups response (key 15), versions 0–6.

use crate::Message;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

/// DescribeGroups response (key 15), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=6, flexible = 5)]
pub struct DescribeGroupsResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Groups.
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`DescribeGroupsResponse`]: described group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroup {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message; since version 6.
    #[field(versions = 6.., nullable = 6..)]
    pub error_message: Option<Str>,
    /// Group id.
    pub group_id: Str,
    /// Group state.
    pub group_state: Str,
    /// Protocol type.
    pub protocol_type: Str,
    /// Protocol data.
    pub protocol_data: Str,
    /// Members.
    pub members: Vec<DescribedGroupMember>,
    /// Authorized operations; since version 3.
    #[field(versions = 3.., default = -2147483648)]
    pub authorized_operations: i32,
}

/// Part of [`DescribeGroupsResponse`]: described group member.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroupMember {
    /// Member id.
    pub member_id: Str,
    /// Group instance id; since version 4.
    #[field(versions = 4.., nullable = 4.., ignorable)]
    pub group_instance_id: Option<Str>,
    /// Client id.
    pub client_id: Str,
    /// Client host.
    pub client_host: Str,
    /// Member metadata.
    pub member_metadata: Bytes,
    /// Member assignment.
    pub member_assignment: Bytes,
}
