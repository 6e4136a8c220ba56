use super::Transaction;
use bytes::Bytes;
use ottla_types::Str;

/// What the log of one `__transaction_state` partition says.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// Where a transactional id stands now, or that it is forgotten.
    Transaction {
        /// The id.
        transactional_id: Str,
        /// `None` is a tombstone.
        value: Option<Transaction>,
        /// The version its value is written in.
        version: i16,
    },
    /// A record of a later kind or version. It is counted and otherwise left alone.
    Unknown {
        /// The number its key begins with.
        key_type: i16,
        /// The whole key.
        key: Bytes,
    },
}
