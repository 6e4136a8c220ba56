//! InitProducerId (key 22): an id for an idempotent producer. Transactions are not served yet.

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    init_producer_id_request::InitProducerIdRequest, init_producer_id_response::InitProducerIdResponse,
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: InitProducerIdRequest,
) -> Result<Answer<InitProducerIdResponse>, ErrorCode> {
    let (producer_id, producer_epoch, error_code) = match next(call, &request).await {
        Ok(producer_id) => (producer_id, 0, ErrorCode::NONE),
        Err(code) => (-1, -1, code),
    };
    Ok(InitProducerIdResponse { error_code, producer_id, producer_epoch, ..Default::default() }.into())
}

async fn next(call: &Call, request: &InitProducerIdRequest) -> Result<i64, ErrorCode> {
    match request.transactional_id.as_deref() {
        None => {}
        Some("") => return Err(ErrorCode::INVALID_REQUEST),
        // Not retriable on purpose: waiting would not help a transactional producer.
        Some(_) => return Err(ErrorCode::UNSUPPORTED_VERSION),
    }
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    call.broker.producer_ids.next(&call.broker).await
}
