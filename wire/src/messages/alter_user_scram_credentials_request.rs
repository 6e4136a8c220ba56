// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterUserScramCredentials request (key 51), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// AlterUserScramCredentials request (key 51), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterUserScramCredentials, versions = 0..=0, flexible = 0, response = crate::messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResponse)]
pub struct AlterUserScramCredentialsRequest {
    /// Deletions.
    pub deletions: Vec<ScramCredentialDeletion>,
    /// Upsertions.
    pub upsertions: Vec<ScramCredentialUpsertion>,
}

/// Part of [`AlterUserScramCredentialsRequest`]: scram credential deletion.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ScramCredentialDeletion {
    /// Name.
    pub name: Str,
    /// Mechanism.
    pub mechanism: i8,
}

/// Part of [`AlterUserScramCredentialsRequest`]: scram credential upsertion.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ScramCredentialUpsertion {
    /// Name.
    pub name: Str,
    /// Mechanism.
    pub mechanism: i8,
    /// Iterations.
    pub iterations: i32,
    /// Salt.
    pub salt: Bytes,
    /// Salted password.
    pub salted_password: Bytes,
}
