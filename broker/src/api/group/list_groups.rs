//! ListGroups (key 16), versions 0–5: the groups this broker coordinates. Filters by state (4) and type (5).

use ottla_coordinator::group::{ListGroups, ListedGroup, State};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    list_groups_request::ListGroupsRequest,
    list_groups_response::{self as response, ListGroupsResponse},
};

use crate::call::{Answer, Call};

/// The only type of group there is here yet.
const TYPE: &str = "classic";

pub(crate) async fn handle(
    call: &Call,
    request: ListGroupsRequest,
) -> Result<Answer<ListGroupsResponse>, ErrorCode> {
    let types = &request.types_filter;
    let groups = if types.is_empty() || types.iter().any(|name| name.eq_ignore_ascii_case(TYPE)) {
        call.broker.groups.list(&ListGroups { states: states(&request.states_filter) }).await?
    } else {
        Vec::new()
    };
    let groups = groups.into_iter().map(|group| shape(group, call.version)).collect();
    Ok(ListGroupsResponse { groups, ..ListGroupsResponse::default() }.into())
}

/// The states asked for, in any case of letters; unknown names match nothing.
fn states(names: &[Str]) -> Option<Vec<State>> {
    let named = |state: &State| names.iter().any(|name| name.trim().eq_ignore_ascii_case(state.name()));
    (!names.is_empty()).then(|| State::ALL.into_iter().filter(named).collect())
}

fn shape(group: ListedGroup, version: i16) -> response::ListedGroup {
    response::ListedGroup {
        group_id: group.group_id,
        protocol_type: group.protocol_type,
        group_state: Str::from_static(if version >= 4 { group.state.name() } else { "" }),
        group_type: Str::from_static(if version >= 5 { TYPE } else { "" }),
    }
}
