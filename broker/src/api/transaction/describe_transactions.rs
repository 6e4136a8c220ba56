//! DescribeTransactions (key 65): where transactional ids stand (KIP-664).

use std::collections::{BTreeSet, HashMap};

use ottla_coordinator::transaction::{Command, DescribedTransaction, Reply};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    describe_transactions_request::DescribeTransactionsRequest,
    describe_transactions_response::{DescribeTransactionsResponse, TopicData, TransactionState},
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: DescribeTransactionsRequest,
) -> Result<Answer<DescribeTransactionsResponse>, ErrorCode> {
    let mut described = HashMap::new();
    let asked: BTreeSet<Str> = request.transactional_ids.iter().cloned().collect();
    let answers = call.broker.transactions.ask_each(asked.into_iter().collect(), Command::Describe).await;
    for (ids, answer) in answers {
        match answer {
            Ok(Reply::Describe(each)) => described.extend(each),
            Ok(_) => described.extend(ids.into_iter().map(|id| (id, Err(ErrorCode::UNKNOWN_SERVER_ERROR)))),
            Err(code) => described.extend(ids.into_iter().map(|id| (id, Err(code)))),
        }
    }
    let state = |id: Str| {
        let described = described.get(&id).cloned().unwrap_or(Err(ErrorCode::UNKNOWN_SERVER_ERROR));
        state(id, described)
    };
    let transaction_states = request.transactional_ids.into_iter().map(state).collect();
    Ok(DescribeTransactionsResponse { transaction_states, ..Default::default() }.into())
}

fn state(transactional_id: Str, described: Result<DescribedTransaction, ErrorCode>) -> TransactionState {
    match described {
        // Without a transaction the numbers of a message that was not filled in.
        Err(error_code) => TransactionState { error_code, transactional_id, ..TransactionState::default() },
        Ok(described) => TransactionState {
            error_code: ErrorCode::NONE,
            transactional_id,
            transaction_state: Str::from_static(described.state.name()),
            transaction_timeout_ms: described.timeout_ms,
            transaction_start_time_ms: described.start_ms,
            producer_id: described.producer.id,
            producer_epoch: described.producer.epoch,
            topics: described
                .partitions
                .into_iter()
                .map(|(topic, partitions)| TopicData { topic, partitions: partitions.into_iter().collect() })
                .collect(),
        },
    }
}
