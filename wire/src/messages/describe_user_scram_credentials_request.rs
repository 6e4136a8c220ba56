// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeUserScramCredentials request (key 50), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DescribeUserScramCredentials request (key 50), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeUserScramCredentials, versions = 0..=0, flexible = 0, response = crate::messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResponse)]
pub struct DescribeUserScramCredentialsRequest {
    /// Users.
    #[field(nullable)]
    pub users: Option<Vec<UserName>>,
}

/// Part of [`DescribeUserScramCredentialsRequest`]: user name.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct UserName {
    /// Name.
    pub name: Str,
}
