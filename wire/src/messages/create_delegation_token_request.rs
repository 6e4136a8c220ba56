// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreateDelegationToken request (key 38), versions 0–3.

use crate::Message;
use ottla_types::Str;

/// CreateDelegationToken request (key 38), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = CreateDelegationToken, versions = 0..=3, flexible = 2, response = crate::messages::create_delegation_token_response::CreateDelegationTokenResponse)]
pub struct CreateDelegationTokenRequest {
    /// Owner principal type; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub owner_principal_type: Option<Str>,
    /// Owner principal name; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub owner_principal_name: Option<Str>,
    /// Renewers.
    pub renewers: Vec<CreatableRenewers>,
    /// Max lifetime, in milliseconds.
    pub max_lifetime_ms: i64,
}

/// Part of [`CreateDelegationTokenRequest`]: creatable renewers.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableRenewers {
    /// Principal type.
    pub principal_type: Str,
    /// Principal name.
    pub principal_name: Str,
}
