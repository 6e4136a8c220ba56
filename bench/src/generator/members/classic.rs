use std::time::Duration;

use bytes::Bytes;
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    Message,
    consumer_protocol::{
        consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition},
        consumer_protocol_subscription::ConsumerProtocolSubscription,
    },
    messages::{
        heartbeat_request::HeartbeatRequest,
        join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
        join_group_response::JoinGroupResponse,
        sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment},
    },
};

use super::{super::admin::is_coordinator_coming, Board, GROUP, Group, Line, PAUSE};
use crate::Result;

const JOIN_GROUP: i16 = 9;
const SYNC_GROUP: i16 = 5;
const HEARTBEAT: i16 = 4;
const TIMEOUT: Duration = Duration::from_secs(60);
/// The version of what members tell one another.
const EMBEDDED: i16 = 1;

/// Joins, syncs, beats until the group rebalances, and joins again, until its task is dropped.
pub(super) async fn member(group: &Group, mut line: Line, board: &Board, number: usize) -> Result<()> {
    let mut id = Str::default();
    loop {
        let joined = line.ask(JOIN_GROUP, &join(group, &id)?).await?;
        match joined.error_code {
            ErrorCode::NONE => {}
            ErrorCode::MEMBER_ID_REQUIRED => {
                id = joined.member_id;
                continue;
            }
            error if is_coordinator_coming(error) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            error => return Err(format!("joining: {error:?}").into()),
        }
        id = joined.member_id.clone();
        let synced = line.ask(SYNC_GROUP, &sync(group, &joined)?).await?;
        match synced.error_code {
            ErrorCode::NONE => {}
            ErrorCode::REBALANCE_IN_PROGRESS => continue,
            error if is_coordinator_coming(error) => continue,
            error => return Err(format!("syncing: {error:?}").into()),
        }
        board.set(number, joined.generation_id, owned(&synced.assignment)?);
        beat(&mut line, &id, joined.generation_id).await?;
    }
}

/// Until the group rebalances.
async fn beat(line: &mut Line, id: &Str, generation_id: i32) -> Result<()> {
    let beat = HeartbeatRequest {
        group_id: GROUP.into(),
        generation_id,
        member_id: id.clone(),
        ..HeartbeatRequest::default()
    };
    loop {
        tokio::time::sleep(PAUSE).await;
        match line.ask(HEARTBEAT, &beat).await?.error_code {
            ErrorCode::NONE => {}
            ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::ILLEGAL_GENERATION => return Ok(()),
            error => return Err(format!("a heartbeat: {error:?}").into()),
        }
    }
}

fn join(group: &Group, id: &Str) -> Result<JoinGroupRequest> {
    let subscription = ConsumerProtocolSubscription {
        topics: vec![group.topic.as_str().into()],
        ..ConsumerProtocolSubscription::default()
    };
    let timeout = i32::try_from(TIMEOUT.as_millis())?;
    Ok(JoinGroupRequest {
        group_id: GROUP.into(),
        session_timeout_ms: timeout,
        rebalance_timeout_ms: timeout,
        member_id: id.clone(),
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: embedded(&subscription)?,
        }],
        ..JoinGroupRequest::default()
    })
}

/// The leader deals the partitions out as evenly as they go.
fn sync(group: &Group, joined: &JoinGroupResponse) -> Result<SyncGroupRequest> {
    let mut assignments = Vec::new();
    for (at, member) in joined.members.iter().enumerate() {
        let count = joined.members.len();
        let (first, end) = (at * group.partitions / count, (at + 1) * group.partitions / count);
        let partitions = (first..end).map(i32::try_from).collect::<std::result::Result<_, _>>()?;
        let topic = TopicPartition { topic: group.topic.as_str().into(), partitions };
        let assignment = ConsumerProtocolAssignment { assigned_partitions: vec![topic], user_data: None };
        assignments.push(SyncGroupRequestAssignment {
            member_id: member.member_id.clone(),
            assignment: embedded(&assignment)?,
        });
    }
    Ok(SyncGroupRequest {
        group_id: GROUP.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        protocol_type: joined.protocol_type.clone(),
        protocol_name: joined.protocol_name.clone(),
        assignments,
        ..SyncGroupRequest::default()
    })
}

/// What is between members carries its version in front.
fn embedded(message: &impl Message) -> Result<Bytes> {
    Ok([&EMBEDDED.to_be_bytes()[..], &message.to_bytes(EMBEDDED)?].concat().into())
}

fn owned(assignment: &Bytes) -> Result<usize> {
    if assignment.is_empty() {
        return Ok(0);
    }
    let mine: ConsumerProtocolAssignment = ottla_wire::decode_body(assignment.slice(2..), EMBEDDED)?;
    Ok(mine.assigned_partitions.iter().map(|topic| topic.partitions.len()).sum())
}
