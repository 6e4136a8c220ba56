//! CreatePartitions (key 37), versions 0–3. Raises partition counts, with or without replicas given by hand; one result
//! per topic.

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    create_partitions_request::CreatePartitionsRequest, create_partitions_response::CreatePartitionsResponse,
};

use crate::{
    api::cluster::view::stopped,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: CreatePartitionsRequest,
) -> Result<Answer<CreatePartitionsResponse>, ErrorCode> {
    Ok(call.broker.metadata.create_partitions(request).await.map_err(stopped)?.into())
}
