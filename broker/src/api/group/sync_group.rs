//! SyncGroup (key 14), versions 0–5. The leader brings the assignment, everybody is answered with their part.
//!
//! KIP-345 (3: static members), KIP-559 (5: protocol type and name, which must be there).

use ottla_coordinator::group::{Command, Reply, SyncGroup};
use ottla_types::ErrorCode;
use ottla_wire::messages::{sync_group_request::SyncGroupRequest, sync_group_response::SyncGroupResponse};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: SyncGroupRequest,
) -> Result<Answer<SyncGroupResponse>, ErrorCode> {
    if call.version >= 5 && (request.protocol_type.is_none() || request.protocol_name.is_none()) {
        return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    }
    let group_id = request.group_id.clone();
    let command = Command::Sync(SyncGroup {
        group_id: request.group_id,
        generation: request.generation_id,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        protocol_type: request.protocol_type,
        protocol_name: request.protocol_name,
        assignments: request
            .assignments
            .into_iter()
            .map(|entry| (entry.member_id, entry.assignment))
            .collect(),
    });
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::Sync(reply) => Some(reply),
        _ => None,
    });
    let reply = reply.await?;
    let response = SyncGroupResponse {
        error_code: reply.error,
        protocol_type: reply.protocol_type,
        protocol_name: reply.protocol_name,
        assignment: reply.assignment,
        ..SyncGroupResponse::default()
    };
    Ok(response.into())
}
