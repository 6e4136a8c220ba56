//! Transactions.
//!
//! The transaction coordinator decides; handlers translate: versions into what they imply, codes into the shape of each
//! response. Whether topics exist is checked here, because the coordinator does not know them.

pub(crate) mod add_offsets_to_txn;
pub(crate) mod add_partitions_to_txn;
pub(crate) mod describe_transactions;
pub(crate) mod end_txn;
pub(crate) mod list_transactions;
pub(crate) mod txn_offset_commit;
pub(crate) mod write_txn_markers;

use ottla_coordinator::transaction::{Command, Producer, Reply};
use ottla_types::ErrorCode;

use crate::call::Call;

/// The version of EndTxn, AddOffsetsToTxn and AddPartitionsToTxn from which on clients know that they may be fenced.
const KNOWS_PRODUCER_FENCED: i16 = 2;

/// The code a client of these APIs understands.
fn known_to(version: i16, code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::PRODUCER_FENCED if version < KNOWS_PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
        other => other,
    }
}

/// Asks the coordinator of a transactional id for what its producer is from now on; where that takes a new producer id,
/// asks again with one.
pub(super) async fn producer_of(
    call: &Call,
    transactional_id: &str,
    command: impl Fn(Option<i64>) -> Command,
) -> Result<Producer, ErrorCode> {
    let mut fresh_id = None;
    loop {
        match call.broker.transactions.ask(transactional_id, command(fresh_id)).await? {
            Reply::Producer(answer) => return answer,
            Reply::NeedsProducerId if fresh_id.is_none() => {
                fresh_id = Some(call.broker.producer_ids.next(&call.broker).await?);
            }
            _ => return Err(ErrorCode::UNKNOWN_SERVER_ERROR),
        }
    }
}

/// Asks for something that is only done, or not.
async fn done(call: &Call, transactional_id: &str, command: Command) -> ErrorCode {
    match call.broker.transactions.ask(transactional_id, command).await {
        Ok(Reply::Done(code)) | Err(code) => code,
        Ok(_) => ErrorCode::UNKNOWN_SERVER_ERROR,
    }
}
