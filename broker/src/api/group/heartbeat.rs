//! Heartbeat (key 12), versions 0–4: keeps a classic group member alive and tells it of rebalances.

use ottla_coordinator::group::{Command, Heartbeat, Reply};
use ottla_types::ErrorCode;
use ottla_wire::messages::{heartbeat_request::HeartbeatRequest, heartbeat_response::HeartbeatResponse};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: HeartbeatRequest,
) -> Result<Answer<HeartbeatResponse>, ErrorCode> {
    let group_id = request.group_id.clone();
    let command = Command::Heartbeat(Heartbeat {
        group_id: request.group_id,
        generation: request.generation_id,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
    });
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::Heartbeat(code) => Some(code),
        _ => None,
    });
    let error_code = match reply.await {
        // While the group is being loaded no session can end; the member need not be alarmed.
        Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS) => ErrorCode::NONE,
        Ok(code) | Err(code) => code,
    };
    Ok(HeartbeatResponse { error_code, ..HeartbeatResponse::default() }.into())
}
