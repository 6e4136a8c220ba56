use super::draft::Draft;
use ottla_types::ErrorCode;
use ottla_wire::log_records::metadata::producer_ids_record::ProducerIdsRecord;

/// How many producer ids a broker gets at a time.
pub const PRODUCER_ID_BLOCK: i32 = 1_000;

/// Producer ids that belong to one broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerIdBlock {
    /// The first id.
    pub first: i64,
    /// How many there are.
    pub len: i32,
}

/// Hands out the next block. The record says where the block after it begins, so no id is ever given twice.
pub(super) fn allocate(
    draft: &mut Draft,
    broker_id: i32,
    broker_epoch: i64,
) -> Result<ProducerIdBlock, ErrorCode> {
    match draft.image.broker(broker_id) {
        None => return Err(ErrorCode::BROKER_ID_NOT_REGISTERED),
        Some(broker) if broker.epoch != broker_epoch => return Err(ErrorCode::STALE_BROKER_EPOCH),
        Some(_) => {}
    }
    let first = draft.image.next_producer_id();
    let next_producer_id =
        first.checked_add(i64::from(PRODUCER_ID_BLOCK)).ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
    draft.push(ProducerIdsRecord { broker_id, broker_epoch, next_producer_id });
    Ok(ProducerIdBlock { first, len: PRODUCER_ID_BLOCK })
}
