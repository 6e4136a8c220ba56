//! ListGroups (key 16), versions 0–5: the groups this broker coordinates. Filters by state (4) and type (5).

use ottla_coordinator::group::{ListGroups, ListedGroup};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    list_groups_request::ListGroupsRequest,
    list_groups_response::{self as response, ListGroupsResponse},
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: ListGroupsRequest,
) -> Result<Answer<ListGroupsResponse>, ErrorCode> {
    let filter = ListGroups { states: names(&request.states_filter), types: names(&request.types_filter) };
    let groups = call.broker.groups.list(&filter).await?;
    let groups = groups.into_iter().map(|group| shape(group, call.version)).collect();
    Ok(ListGroupsResponse { groups, ..ListGroupsResponse::default() }.into())
}

/// The states or types asked for; none named means all.
fn names(names: &[Str]) -> Option<Vec<Str>> {
    (!names.is_empty()).then(|| names.iter().map(|name| Str::from(name.trim())).collect())
}

fn shape(group: ListedGroup, version: i16) -> response::ListedGroup {
    response::ListedGroup {
        group_id: group.group_id,
        protocol_type: group.protocol_type,
        group_state: Str::from_static(if version >= 4 { group.state.name() } else { "" }),
        group_type: Str::from_static(if version >= 5 { group.state.type_name() } else { "" }),
    }
}
