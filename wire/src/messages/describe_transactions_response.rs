// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeTransactions response (key 65), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeTransactions response (key 65), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct DescribeTransactionsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Transaction states.
    pub transaction_states: Vec<TransactionState>,
}

/// Part of [`DescribeTransactionsResponse`]: transaction state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TransactionState {
    /// Error code.
    pub error_code: ErrorCode,
    /// Transactional id.
    pub transactional_id: Str,
    /// Transaction state.
    pub transaction_state: Str,
    /// Transaction timeout, in milliseconds.
    pub transaction_timeout_ms: i32,
    /// Transaction start time, in milliseconds.
    pub transaction_start_time_ms: i64,
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`DescribeTransactionsResponse`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
