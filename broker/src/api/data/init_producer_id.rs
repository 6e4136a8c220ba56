//! InitProducerId (key 22): an id for an idempotent producer, or the next epoch of a transactional one.

use ottla_coordinator::transaction::{Command, InitProducer, Producer};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    init_producer_id_request::InitProducerIdRequest, init_producer_id_response::InitProducerIdResponse,
};

use crate::{
    api::transaction::producer_of,
    call::{Answer, Call},
};

/// The version from which on clients know that they may be fenced.
const KNOWS_PRODUCER_FENCED: i16 = 4;

pub(crate) async fn handle(
    call: &Call,
    request: InitProducerIdRequest,
) -> Result<Answer<InitProducerIdResponse>, ErrorCode> {
    let (producer_id, producer_epoch, error_code) = match next(call, &request).await {
        Ok(producer) => (producer.id, producer.epoch, ErrorCode::NONE),
        Err(ErrorCode::PRODUCER_FENCED) if call.version < KNOWS_PRODUCER_FENCED => {
            (-1, -1, ErrorCode::INVALID_PRODUCER_EPOCH)
        }
        Err(code) => (-1, -1, code),
    };
    Ok(InitProducerIdResponse { error_code, producer_id, producer_epoch, ..Default::default() }.into())
}

async fn next(call: &Call, request: &InitProducerIdRequest) -> Result<Producer, ErrorCode> {
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let Some(transactional_id) = &request.transactional_id else {
        let id = call.broker.producer_ids.next(&call.broker).await?;
        return Ok(Producer { id, epoch: 0 });
    };
    if transactional_id.is_empty() {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let expected = Producer { id: request.producer_id, epoch: request.producer_epoch };
    let init = InitProducer {
        transactional_id: transactional_id.clone(),
        timeout_ms: request.transaction_timeout_ms,
        expected: (expected.id != -1).then_some(expected),
        fresh_id: None,
    };
    producer_of(call, transactional_id, |fresh_id| Command::Init(InitProducer { fresh_id, ..init.clone() }))
        .await
}
