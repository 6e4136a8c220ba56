//! LeaveGroup (key 13), versions 0–5. Version 3 takes a batch of members, static ones also by instance id alone.

use ottla_coordinator::group::{Command, LeaveGroup, LeaveReply, LeavingMember, LeftMember, Reply};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    leave_group_request::LeaveGroupRequest,
    leave_group_response::{LeaveGroupResponse, MemberResponse},
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: LeaveGroupRequest,
) -> Result<Answer<LeaveGroupResponse>, ErrorCode> {
    let group_id = request.group_id.clone();
    let command = Command::Leave(to_command(request, call.version));
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::Leave(reply) => Some(reply),
        _ => None,
    });
    Ok(to_response(reply.await?, call.version).into())
}

fn to_command(request: LeaveGroupRequest, version: i16) -> LeaveGroup {
    let members = if version < 3 {
        vec![LeavingMember { member_id: request.member_id, instance_id: None }]
    } else {
        let leaving = request.members.into_iter();
        leaving
            .map(|member| LeavingMember {
                member_id: member.member_id,
                instance_id: member.group_instance_id,
            })
            .collect()
    };
    LeaveGroup { group_id: request.group_id, members }
}

fn to_response(reply: LeaveReply, version: i16) -> LeaveGroupResponse {
    if version < 3 {
        // One member, one code.
        let own = reply.members.first().map_or(ErrorCode::NONE, |member| member.error);
        let error_code = if reply.error.is_ok() { own } else { reply.error };
        return LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() };
    }
    let member = |member: LeftMember| MemberResponse {
        member_id: member.member_id,
        group_instance_id: member.instance_id,
        error_code: member.error,
    };
    LeaveGroupResponse {
        error_code: reply.error,
        members: reply.members.into_iter().map(member).collect(),
        ..LeaveGroupResponse::default()
    }
}
