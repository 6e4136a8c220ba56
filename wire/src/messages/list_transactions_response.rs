// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListTransactions response (key 66), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ListTransactions response (key 66), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 0)]
pub struct ListTransactionsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Unknown state filters.
    pub unknown_state_filters: Vec<Str>,
    /// Transaction states.
    pub transaction_states: Vec<TransactionState>,
}

/// Part of [`ListTransactionsResponse`]: transaction state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TransactionState {
    /// Transactional id.
    pub transactional_id: Str,
    /// Producer id.
    pub producer_id: i64,
    /// Transaction state.
    pub transaction_state: Str,
}
