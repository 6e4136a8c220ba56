// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoveUserScramCredentialRecord (type 22), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// RemoveUserScramCredentialRecord (type 22), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemoveUserScramCredentialRecord {
    /// Name.
    pub name: Str,
    /// Mechanism.
    pub mechanism: i8,
}
