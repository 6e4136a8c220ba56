//! ElectLeaders (key 43), versions 0–2. Preferred leaders, or from version 1 any live replica; null means every
//! partition.

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    elect_leaders_request::ElectLeadersRequest, elect_leaders_response::ElectLeadersResponse,
};

use crate::{
    api::cluster::view::stopped,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: ElectLeadersRequest,
) -> Result<Answer<ElectLeadersResponse>, ErrorCode> {
    Ok(call.broker.metadata.elect_leaders(request).await.map_err(stopped)?.into())
}
