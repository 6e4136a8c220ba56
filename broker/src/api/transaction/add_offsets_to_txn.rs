//! AddOffsetsToTxn (key 25): the transaction will commit offsets of a group. Clients of transaction version 2 leave it out.

use std::collections::BTreeSet;

use ottla_coordinator::transaction::{AddPartitions, Command, Partitions, Producer};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    add_offsets_to_txn_request::AddOffsetsToTxnRequest, add_offsets_to_txn_response::AddOffsetsToTxnResponse,
};

use super::{done, known_to};
use crate::{
    broker::OFFSETS_TOPIC,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: AddOffsetsToTxnRequest,
) -> Result<Answer<AddOffsetsToTxnResponse>, ErrorCode> {
    let error_code = known_to(call.version, add(call, request).await);
    Ok(AddOffsetsToTxnResponse { error_code, ..AddOffsetsToTxnResponse::default() }.into())
}

async fn add(call: &Call, request: AddOffsetsToTxnRequest) -> ErrorCode {
    // Whose group nobody has looked for yet; then there is no topic it could live in.
    if let Err(code) = call.broker.group_coordinator(&request.group_id).await {
        return code;
    }
    let Some(index) = call.broker.groups.partition_of(&request.group_id) else {
        return ErrorCode::COORDINATOR_NOT_AVAILABLE;
    };
    let transactional_id = request.transactional_id.clone();
    let command = Command::AddPartitions(AddPartitions {
        transactional_id: request.transactional_id,
        producer: Producer { id: request.producer_id, epoch: request.producer_epoch },
        partitions: Partitions::from([(Str::from_static(OFFSETS_TOPIC), BTreeSet::from([index]))]),
        version: 0,
    });
    done(call, &transactional_id, command).await
}
