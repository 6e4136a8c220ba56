// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BeginTransactionRecord (type 23), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// BeginTransactionRecord (type 23), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct BeginTransactionRecord {
    /// Name.
    #[field(nullable, tag = 0, tagged = 0..)]
    pub name: Option<Str>,
}
