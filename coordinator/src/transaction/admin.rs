//! What operators ask: describe and list transactions.

use super::{
    Transactions,
    command::ListTransactions,
    reply::{DescribedTransaction, ListedTransaction},
};
use ottla_types::{ErrorCode, Millis, Str};

impl Transactions {
    /// Describes transactional ids, in the order asked.
    #[must_use]
    pub fn describe(&self, ids: &[Str]) -> Vec<(Str, Result<DescribedTransaction, ErrorCode>)> {
        ids.iter().map(|id| (id.clone(), self.describe_one(id))).collect()
    }

    fn describe_one(&self, id: &Str) -> Result<DescribedTransaction, ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let transaction = self.durable.get(id).ok_or(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND)?;
        Ok(DescribedTransaction {
            state: transaction.state,
            timeout_ms: transaction.timeout_ms,
            start_ms: transaction.start_ms,
            producer: transaction.producer,
            partitions: self.markers.missing(id).unwrap_or(&transaction.partitions).clone(),
        })
    }

    /// Lists transactional ids by name.
    #[must_use]
    pub fn list(&self, now: Millis, request: &ListTransactions) -> Vec<ListedTransaction> {
        let wanted = |transaction: &super::Transaction| {
            let ids = &request.producer_ids;
            request.states.as_ref().is_none_or(|states| states.contains(&transaction.state))
                && (ids.is_empty() || ids.contains(&transaction.producer.id))
                && (request.longer_than_ms < 0
                    || now.since(Millis(transaction.start_ms)) > request.longer_than_ms)
        };
        let listed = self.durable.iter().filter(|(_, transaction)| wanted(transaction));
        listed
            .map(|(id, transaction)| ListedTransaction {
                transactional_id: id.clone(),
                producer_id: transaction.producer.id,
                state: transaction.state,
            })
            .collect()
    }
}
