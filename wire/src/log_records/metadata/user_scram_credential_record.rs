// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UserScramCredentialRecord (type 11), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// UserScramCredentialRecord (type 11), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct UserScramCredentialRecord {
    /// Name.
    pub name: Str,
    /// Mechanism.
    pub mechanism: i8,
    /// Salt.
    pub salt: Bytes,
    /// Stored key.
    pub stored_key: Bytes,
    /// Server key.
    pub server_key: Bytes,
    /// Iterations.
    pub iterations: i32,
}
