//! Groups, classic and of the consumer protocol, and committed offsets.
//!
//! The group coordinator decides; handlers translate: versions into what they imply, codes into the shape of each
//! response. Topics are checked here, because the coordinator does not know them.

pub(super) mod by_topic;
pub(crate) mod consumer_group_describe;
pub(crate) mod consumer_group_heartbeat;
pub(crate) mod delete_groups;
pub(crate) mod describe_groups;
pub(crate) mod find_coordinator;
pub(crate) mod heartbeat;
pub(crate) mod join_group;
pub(crate) mod leave_group;
pub(crate) mod list_groups;
pub(crate) mod offset_commit;
pub(crate) mod offset_delete;
pub(crate) mod offset_fetch;
pub(crate) mod sync_group;

use ottla_coordinator::group::{Command, Reply};
use ottla_metadata::feature;
use ottla_types::ErrorCode;

use crate::call::Call;

/// Asks the coordinator of a group. `expect` takes out the reply this command has; any other would be a bug.
async fn ask<T>(
    call: &Call,
    group_id: &str,
    command: Command,
    expect: fn(Reply) -> Option<T>,
) -> Result<T, ErrorCode> {
    let reply = call.broker.groups.ask(group_id, command).await?;
    expect(reply).ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)
}

/// The name of the protocol in `group.coordinator.rebalance.protocols`.
const CONSUMER: &str = "consumer";

/// The newer protocol of consumer groups can be switched off by the broker's file, and by the feature's level.
fn check_consumer_protocol(call: &Call) -> Result<(), ErrorCode> {
    let protocols = &call.broker.config.group_coordinator_rebalance_protocols;
    let by_file = protocols.iter().any(|name| name.eq_ignore_ascii_case(CONSUMER));
    let by_level = call.broker.image().features.level(feature::GROUP_VERSION) >= 1;
    if by_file && by_level { Ok(()) } else { Err(ErrorCode::UNSUPPORTED_VERSION) }
}
