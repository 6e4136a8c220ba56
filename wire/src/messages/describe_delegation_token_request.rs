// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeDelegationToken request (key 41), versions 0–3.

use crate::Message;
use ottla_types::Str;

/// DescribeDelegationToken request (key 41), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeDelegationToken, versions = 0..=3, flexible = 2, response = crate::messages::describe_delegation_token_response::DescribeDelegationTokenResponse)]
pub struct DescribeDelegationTokenRequest {
    /// Owners.
    #[field(nullable)]
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

/// Part of [`DescribeDelegationTokenRequest`]: describe delegation token owner.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeDelegationTokenOwner {
    /// Principal type.
    pub principal_type: Str,
    /// Principal name.
    pub principal_name: Str,
}
