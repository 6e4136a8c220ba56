// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeTransactions request (key 65), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DescribeTransactions request (key 65), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeTransactions, versions = 0..=0, flexible = 0, response = crate::messages::describe_transactions_response::DescribeTransactionsResponse)]
pub struct DescribeTransactionsRequest {
    /// Transactional ids.
    pub transactional_ids: Vec<Str>,
}
