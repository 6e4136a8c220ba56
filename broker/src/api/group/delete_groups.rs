//! DeleteGroups (key 42), versions 0–2: forgets empty groups and their offsets.

use std::collections::HashSet;

use ottla_coordinator::group::{Command, Reply};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    delete_groups_request::DeleteGroupsRequest,
    delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse},
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: DeleteGroupsRequest,
) -> Result<Answer<DeleteGroupsResponse>, ErrorCode> {
    let mut seen = HashSet::new();
    let group_ids: Vec<Str> =
        request.groups_names.into_iter().filter(|group_id| seen.insert(group_id.clone())).collect();
    let mut results = Vec::with_capacity(group_ids.len());
    for (group_ids, reply) in call.broker.groups.ask_each(group_ids, Command::DeleteGroups).await {
        let codes = match reply {
            Ok(Reply::DeleteGroups(codes)) => codes,
            Ok(_) => {
                group_ids.into_iter().map(|group_id| (group_id, ErrorCode::UNKNOWN_SERVER_ERROR)).collect()
            }
            Err(code) => group_ids.into_iter().map(|group_id| (group_id, code)).collect(),
        };
        results.extend(
            codes.into_iter().map(|(group_id, error_code)| DeletableGroupResult { group_id, error_code }),
        );
    }
    Ok(DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() }.into())
}
