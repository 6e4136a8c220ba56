//! DescribeGroups (key 15), versions 0–6. A group that is not there is `Dead`, from version 6 on also an error (KIP-1043).

use ottla_coordinator::group::{Command, DescribedGroup, DescribedMember, Reply};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    describe_groups_request::DescribeGroupsRequest,
    describe_groups_response::{self as response, DescribeGroupsResponse},
};

use crate::{
    authorized_operations,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: DescribeGroupsRequest,
) -> Result<Answer<DescribeGroupsResponse>, ErrorCode> {
    let mut groups = Vec::with_capacity(request.groups.len());
    for (group_ids, reply) in call.broker.groups.ask_each(request.groups, Command::DescribeGroups).await {
        match reply {
            Ok(Reply::Describe(described)) => {
                groups.extend(described.into_iter().map(|group| shape(group, call.version)))
            }
            Ok(_) => groups.extend(failed(group_ids, ErrorCode::UNKNOWN_SERVER_ERROR)),
            Err(code) => groups.extend(failed(group_ids, code)),
        }
    }
    if request.include_authorized_operations {
        for group in groups.iter_mut().filter(|group| group.error_code.is_ok()) {
            group.authorized_operations = authorized_operations::GROUP;
        }
    }
    Ok(DescribeGroupsResponse { groups, ..DescribeGroupsResponse::default() }.into())
}

fn shape(group: DescribedGroup, version: i16) -> response::DescribedGroup {
    let member = |member: DescribedMember| response::DescribedGroupMember {
        member_id: member.member_id,
        group_instance_id: member.instance_id,
        client_id: member.client_id,
        client_host: member.client_host,
        member_metadata: member.metadata,
        member_assignment: member.assignment,
    };
    let missing = group.state.is_none() && version >= 6;
    let why = if group.is_of_other_type { "is not a classic group" } else { "not found" };
    response::DescribedGroup {
        error_code: if missing { ErrorCode::GROUP_ID_NOT_FOUND } else { ErrorCode::NONE },
        error_message: missing.then(|| Str::from(format!("Group {} {why}.", group.group_id))),
        group_state: Str::from_static(group.state.map_or("Dead", |state| state.name())),
        group_id: group.group_id,
        protocol_type: group.protocol_type,
        protocol_data: group.protocol,
        members: group.members.into_iter().map(member).collect(),
        ..response::DescribedGroup::default()
    }
}

fn failed(group_ids: Vec<Str>, code: ErrorCode) -> impl Iterator<Item = response::DescribedGroup> {
    group_ids.into_iter().map(move |group_id| response::DescribedGroup {
        error_code: code,
        group_id,
        ..response::DescribedGroup::default()
    })
}
