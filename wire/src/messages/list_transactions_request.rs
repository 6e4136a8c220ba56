// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListTransactions request (key 66), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// ListTransactions request (key 66), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ListTransactions, versions = 0..=2, flexible = 0, response = crate::messages::list_transactions_response::ListTransactionsResponse)]
pub struct ListTransactionsRequest {
    /// State filters.
    pub state_filters: Vec<Str>,
    /// Producer id filters.
    pub producer_id_filters: Vec<i64>,
    /// Duration filter; since version 1.
    #[field(versions = 1.., default = -1)]
    pub duration_filter: i64,
    /// Transactional id pattern; since version 2.
    #[field(versions = 2.., nullable = 2..)]
    pub transactional_id_pattern: Option<Str>,
}
