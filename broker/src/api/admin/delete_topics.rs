//! DeleteTopics (key 20), versions 1–6. Each topic succeeds or fails on its own; version 6 deletes by id as well.

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    delete_topics_request::DeleteTopicsRequest, delete_topics_response::DeleteTopicsResponse,
};

use crate::{
    api::cluster::view::stopped,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: DeleteTopicsRequest,
) -> Result<Answer<DeleteTopicsResponse>, ErrorCode> {
    let mut response = call.broker.metadata.delete_topics(request).await.map_err(stopped)?;
    if call.version < 3 {
        // The code for switched-off deletion came with version 3.
        for topic in &mut response.responses {
            if topic.error_code == ErrorCode::TOPIC_DELETION_DISABLED {
                topic.error_code = ErrorCode::INVALID_REQUEST;
            }
        }
    }
    Ok(response.into())
}
