// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AbortTransactionRecord (type 25), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// AbortTransactionRecord (type 25), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct AbortTransactionRecord {
    /// Reason.
    #[field(nullable, tag = 0, tagged = 0..)]
    pub reason: Option<Str>,
}
