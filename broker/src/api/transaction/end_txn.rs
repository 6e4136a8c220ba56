//! EndTxn (key 26): commits or aborts. From version 5 on the answer says what the producer is in its next transaction
//! (KIP-890).

use ottla_coordinator::transaction::{Command, EndTransaction, Producer};
use ottla_types::ErrorCode;
use ottla_wire::messages::{end_txn_request::EndTxnRequest, end_txn_response::EndTxnResponse};

use super::{known_to, producer_of};
use crate::call::{Answer, Call};

/// The first version of clients that know transaction version 2.
const EPOCH_PER_TRANSACTION: i16 = 5;

pub(crate) async fn handle(call: &Call, request: EndTxnRequest) -> Result<Answer<EndTxnResponse>, ErrorCode> {
    let version = if call.version >= EPOCH_PER_TRANSACTION { 2 } else { 0 };
    let end = EndTransaction {
        transactional_id: request.transactional_id.clone(),
        producer: Producer { id: request.producer_id, epoch: request.producer_epoch },
        commit: request.committed,
        version,
        fresh_id: None,
    };
    let command = |fresh_id| Command::End(EndTransaction { fresh_id, ..end.clone() });
    let nobody = EndTxnResponse { producer_id: -1, producer_epoch: -1, ..EndTxnResponse::default() };
    let response = match producer_of(call, &request.transactional_id, command).await {
        Ok(next) if version >= 2 => {
            EndTxnResponse { producer_id: next.id, producer_epoch: next.epoch, ..nobody }
        }
        Ok(_) => nobody,
        Err(code) => EndTxnResponse { error_code: known_to(call.version, code), ..nobody },
    };
    Ok(response.into())
}
