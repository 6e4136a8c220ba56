//! What a consumer asks brokers, one call each.

use std::{collections::BTreeMap, time::Duration};

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    fetch_request::FetchRequest,
    fetch_response::FetchResponse,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    offset_for_leader_epoch_request::{
        OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
    },
};

use super::{
    commits::{Committed, Marks},
    fetches::{At, Found, Stamped},
    membership::{Answer, Identity, Request},
    partition::{OfTopic, TopicPartition, by_topic},
};
use crate::{Client, ClientError, admin::OFFSETS_BY_NAME, ask::ask, client::address};

/// The last version of Fetch in which topics are named; later ones have ids only.
const FETCH_BY_NAME: i16 = 12;
/// LeaveGroup names one member below this version, a list from it on.
const LEAVE_BY_LIST: i16 = 3;

/// Asks the coordinator for a member.
pub(super) async fn ask_coordinator(
    client: &Client,
    node: i32,
    request: Request,
    patience: Duration,
) -> Answer {
    const LATEST: i16 = i16::MAX;
    let answer = match request {
        Request::Join(join) => ask(client, node, &join, LATEST, patience).await.map(Answer::Join),
        Request::Sync(sync) => ask(client, node, &sync, LATEST, patience).await.map(Answer::Sync),
        Request::Heartbeat(heartbeat) => ask(client, node, &heartbeat, LATEST, patience)
            .await
            .map(|response| Answer::Heartbeat(response.error_code)),
        Request::Modern(heartbeat) => {
            ask(client, node, &heartbeat, LATEST, patience).await.map(Answer::Modern)
        }
        Request::Leave(mut leave) => {
            let version = client.version_of(ottla_wire::ApiKey::LeaveGroup, leave_versions()).await;
            match version {
                Ok(version) if version >= LEAVE_BY_LIST => leave.member_id = Str::new(),
                _ => leave.members.clear(),
            }
            ask(client, node, &leave, LATEST, patience).await.map(|_| Answer::Leave)
        }
    };
    answer.unwrap_or_else(|error| match error {
        ClientError::Unsupported(_) | ClientError::Encode(_) => Answer::Unsupported,
        _ => Answer::Lost,
    })
}

const fn leave_versions() -> ottla_wire::VersionRange {
    <ottla_wire::messages::leave_group_request::LeaveGroupRequest as ottla_wire::Message>::VERSIONS
}

/// Commits marks as a member, or from outside the group.
pub(super) async fn commit(
    client: &Client,
    node: i32,
    group: &Str,
    identity: Option<Identity>,
    marks: &Marks,
    patience: Duration,
) -> Committed {
    let topic = |(name, marks): OfTopic<&super::commits::Mark>| OffsetCommitRequestTopic {
        name,
        partitions: marks
            .into_iter()
            .map(|(partition_index, mark)| OffsetCommitRequestPartition {
                partition_index,
                committed_offset: mark.offset,
                committed_leader_epoch: mark.epoch,
                committed_metadata: Some(mark.metadata.clone()),
                ..OffsetCommitRequestPartition::default()
            })
            .collect(),
        ..OffsetCommitRequestTopic::default()
    };
    let request = OffsetCommitRequest {
        group_id: group.clone(),
        generation_id_or_member_epoch: identity.as_ref().map_or(-1, |who| who.epoch),
        member_id: identity.as_ref().map(|who| who.member_id.clone()).unwrap_or_default(),
        group_instance_id: identity.and_then(|who| who.instance_id),
        retention_time_ms: -1,
        topics: by_topic(marks).map(topic).collect(),
    };
    let Ok(response) = ask(client, node, &request, OFFSETS_BY_NAME, patience).await else {
        return Committed::Lost;
    };
    let codes = response.topics.into_iter().flat_map(|topic| {
        let name = Str::from(topic.name.to_string());
        topic.partitions.into_iter().map(move |partition| {
            (TopicPartition::new(name.clone(), partition.partition_index), partition.error_code)
        })
    });
    Committed::Codes(codes.collect())
}

/// What the group has committed of partitions; a code where the coordinator does not say.
pub(super) async fn committed(
    client: &Client,
    node: i32,
    group: &Str,
    identity: Option<Identity>,
    asked: &Stamped<()>,
    require_stable: bool,
    patience: Duration,
) -> Result<BTreeMap<TopicPartition, Found>, Option<ErrorCode>> {
    let topic = |(name, partitions): OfTopic<&(u64, ())>| OffsetFetchRequestTopics {
        name,
        partition_indexes: partitions.into_iter().map(|(partition, _)| partition).collect(),
        ..OffsetFetchRequestTopics::default()
    };
    let of = OffsetFetchRequestGroup {
        group_id: group.clone(),
        member_id: identity.as_ref().map(|who| who.member_id.clone()),
        member_epoch: identity.as_ref().map_or(-1, |who| who.epoch),
        topics: Some(by_topic(asked).map(topic).collect()),
    };
    let request = OffsetFetchRequest { groups: vec![of], require_stable, ..OffsetFetchRequest::default() };
    let response = ask(client, node, &request, OFFSETS_BY_NAME, patience).await.map_err(|_| None)?;
    let group = response.groups.into_iter().next().ok_or(None)?;
    if !group.error_code.is_ok() {
        return Err(Some(group.error_code));
    }
    let found = group.topics.into_iter().flat_map(|topic| {
        let name = Str::from(topic.name.to_string());
        topic.partitions.into_iter().map(move |partition| {
            let at = TopicPartition::new(name.clone(), partition.partition_index);
            let known = (partition.committed_offset, partition.committed_leader_epoch);
            (at, found(partition.error_code, known))
        })
    });
    Ok(found.collect())
}

fn found(code: ErrorCode, (offset, epoch): (i64, i32)) -> Found {
    if code.is_ok() { Ok((offset >= 0).then_some((offset, epoch))) } else { Err(code) }
}

/// The offsets at positions; nothing of those the broker does not tell.
pub(super) async fn offsets(
    client: &Client,
    node: i32,
    asked: &Stamped<At>,
    read_committed: bool,
    now_ms: i64,
    patience: Duration,
) -> BTreeMap<TopicPartition, Found> {
    let timestamp = |position: At| match position {
        At::Earliest => -2,
        At::Latest => -1,
        At::Since(ms) => now_ms.saturating_sub(ms).max(0),
        At::Time(time) => time,
    };
    let topic = |(name, of): OfTopic<&(u64, At)>| ListOffsetsTopic {
        name,
        partitions: of
            .into_iter()
            .map(|(partition_index, (_, position))| ListOffsetsPartition {
                partition_index,
                timestamp: timestamp(*position),
                ..ListOffsetsPartition::default()
            })
            .collect(),
    };
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: i8::from(read_committed),
        topics: by_topic(asked).map(topic).collect(),
        timeout_ms: i32::try_from(patience.as_millis()).unwrap_or(i32::MAX),
    };
    let Ok(response) = ask(client, node, &request, i16::MAX, patience).await else {
        return BTreeMap::new();
    };
    let found = response.topics.into_iter().flat_map(|topic| {
        let name = Str::from(topic.name.to_string());
        topic.partitions.into_iter().map(move |partition| {
            let at = TopicPartition::new(name.clone(), partition.partition_index);
            (at, found(partition.error_code, (partition.offset, partition.leader_epoch)))
        })
    });
    found.collect()
}

/// Where epochs end in the logs of a leader; nothing of those the broker does not tell.
pub(super) async fn epochs(
    client: &Client,
    node: i32,
    asked: &Stamped<(i32, i32)>,
    patience: Duration,
) -> BTreeMap<TopicPartition, Found> {
    let topic = |(topic, of): OfTopic<&(u64, (i32, i32))>| OffsetForLeaderTopic {
        topic,
        partitions: of
            .into_iter()
            .map(|(partition, (_, (current_leader_epoch, leader_epoch)))| OffsetForLeaderPartition {
                partition,
                current_leader_epoch: *current_leader_epoch,
                leader_epoch: *leader_epoch,
            })
            .collect(),
    };
    let request =
        OffsetForLeaderEpochRequest { replica_id: -1, topics: by_topic(asked).map(topic).collect() };
    let response = match ask(client, node, &request, i16::MAX, patience).await {
        Ok(response) => response,
        // A broker that cannot tell cannot contradict.
        Err(ClientError::Unsupported(_)) => return asked.keys().map(|at| (at.clone(), Ok(None))).collect(),
        Err(_) => return BTreeMap::new(),
    };
    let found = response.topics.into_iter().flat_map(|topic| {
        let name = Str::from(topic.topic.to_string());
        topic.partitions.into_iter().map(move |partition| {
            let at = TopicPartition::new(name.clone(), partition.partition);
            (at, found(partition.error_code, (partition.end_offset, partition.leader_epoch)))
        })
    });
    found.collect()
}

/// Fetches records.
pub(super) async fn fetch(
    client: &Client,
    node: i32,
    request: &FetchRequest,
    by_name: bool,
    patience: Duration,
) -> Option<FetchResponse> {
    let at_most = if by_name { FETCH_BY_NAME } else { i16::MAX };
    let response = ask(client, node, request, at_most, patience).await.ok()?;
    if !response.node_endpoints.is_empty() {
        // Before they are asked.
        let endpoints = response.node_endpoints.iter();
        client.know(endpoints.map(|at| (at.node_id, address(&at.host, at.port)))).await;
    }
    Some(response)
}
