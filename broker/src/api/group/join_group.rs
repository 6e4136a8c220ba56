//! JoinGroup (key 11), versions 0–9. Answered when the group's next generation begins.
//!
//! KIP-394 (4: members are given an id first), KIP-345 (5: static members), KIP-559 (7: protocol type), KIP-800
//! (8: reason, 9: skip the assignment).

use ottla_coordinator::group::{Command, JoinGroup, JoinReply, JoinedMember, Protocol, Reply};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    join_group_response::{JoinGroupResponse, JoinGroupResponseMember},
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: JoinGroupRequest,
) -> Result<Answer<JoinGroupResponse>, ErrorCode> {
    let group_id = request.group_id.clone();
    if let Some(reason) = &request.reason {
        tracing::debug!(group = &*group_id, member = &*request.member_id, reason = &**reason, "join");
    }
    let command = Command::Join(to_command(call, request));
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::Join(reply) => Some(reply),
        _ => None,
    });
    Ok(match reply.await {
        Ok(reply) => to_response(reply, call.version).into(),
        Err(code) => failed(code, call.version).into(),
    })
}

fn to_command(call: &Call, request: JoinGroupRequest) -> JoinGroup {
    let protocol =
        |protocol: JoinGroupRequestProtocol| Protocol { name: protocol.name, metadata: protocol.metadata };
    JoinGroup {
        group_id: request.group_id,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        client_id: call.client_id.clone().unwrap_or_default(),
        client_host: Str::from(format!("/{}", call.connection.peer().ip())),
        session_timeout_ms: request.session_timeout_ms,
        rebalance_timeout_ms: if call.version == 0 {
            request.session_timeout_ms
        } else {
            request.rebalance_timeout_ms
        },
        protocol_type: request.protocol_type,
        protocols: request.protocols.into_iter().map(protocol).collect(),
        fresh_id: crate::metadata_shell::random_id(),
        requires_known_member_id: call.version >= 4,
        supports_skip_assignment: call.version >= 9,
    }
}

fn to_response(reply: JoinReply, version: i16) -> JoinGroupResponse {
    let member = |member: JoinedMember| JoinGroupResponseMember {
        member_id: member.member_id,
        group_instance_id: member.instance_id,
        metadata: member.metadata,
    };
    JoinGroupResponse {
        error_code: reply.error,
        generation_id: reply.generation,
        protocol_type: reply.protocol_type,
        protocol_name: nullable(reply.protocol_name, version),
        leader: reply.leader,
        skip_assignment: reply.skip_assignment && version >= 9,
        member_id: reply.member_id,
        members: reply.members.into_iter().map(member).collect(),
        ..JoinGroupResponse::default()
    }
}

fn failed(code: ErrorCode, version: i16) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: code,
        protocol_name: nullable(None, version),
        ..JoinGroupResponse::default()
    }
}

/// Below version 7 there is no null.
fn nullable(name: Option<Str>, version: i16) -> Option<Str> {
    if version < 7 { Some(name.unwrap_or_default()) } else { name }
}
