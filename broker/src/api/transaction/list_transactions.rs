//! ListTransactions (key 66): the transactional ids coordinated here, by state, producer id, duration (KIP-994) and, from
//! version 2 on, a pattern of the id (KIP-1152).

use std::collections::BTreeSet;

use ottla_coordinator::transaction::{Command, ListTransactions, ListedTransaction, Reply, State};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    list_transactions_request::ListTransactionsRequest,
    list_transactions_response::{ListTransactionsResponse, TransactionState},
};
use regex::Regex;

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: ListTransactionsRequest,
) -> Result<Answer<ListTransactionsResponse>, ErrorCode> {
    let pattern = pattern(request.transactional_id_pattern.as_deref())?;
    let mut states = BTreeSet::new();
    let mut unknown_state_filters = Vec::new();
    for name in &request.state_filters {
        match State::from_name(name) {
            Some(state) => {
                states.insert(state);
            }
            None => unknown_state_filters.push(name.clone()),
        }
    }
    let list = ListTransactions {
        // Names nobody knows match nothing.
        states: (!request.state_filters.is_empty()).then_some(states),
        producer_ids: request.producer_id_filters.into_iter().collect(),
        longer_than_ms: request.duration_filter,
    };
    let listed = call.broker.transactions.ask_all(Command::List(list)).await?.into_iter();
    let listed = listed.flat_map(|reply| match reply {
        Reply::List(listed) => listed,
        _ => Vec::new(),
    });
    let wanted = |listed: &ListedTransaction| {
        pattern.as_ref().is_none_or(|pattern| pattern.is_match(&listed.transactional_id))
    };
    let transaction_states = listed
        .filter(wanted)
        .map(|listed| TransactionState {
            transactional_id: listed.transactional_id,
            producer_id: listed.producer_id,
            transaction_state: Str::from_static(listed.state.name()),
        })
        .collect();
    Ok(ListTransactionsResponse { unknown_state_filters, transaction_states, ..Default::default() }.into())
}

/// The pattern is of the whole id, as in Kafka.
fn pattern(text: Option<&str>) -> Result<Option<Regex>, ErrorCode> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match Regex::new(&format!("^(?:{text})$")) {
        Ok(pattern) => Ok(Some(pattern)),
        Err(_) => Err(ErrorCode::INVALID_REGULAR_EXPRESSION),
    }
}
