use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    consumer_group_describe_request::ConsumerGroupDescribeRequest,
    consumer_group_describe_response::Assignment,
    delete_groups_request::DeleteGroupsRequest,
    describe_groups_request::DescribeGroupsRequest,
    find_coordinator_request::FindCoordinatorRequest,
    list_groups_request::ListGroupsRequest,
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup},
};

use super::check;
use crate::{Client, ClientError, retry::Retry};

/// The last versions in which topics are named; later ones have ids only.
pub(crate) const OFFSETS_BY_NAME: i16 = 9;

/// A group in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupListing {
    /// Its id.
    pub id: String,
    /// `Classic`, `Consumer`, …; empty where the broker is too old to tell.
    pub kind: String,
    /// `Stable`, `Empty`, …
    pub state: String,
    /// What its members speak: `consumer` for consumers.
    pub protocol: String,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// Given by the coordinator, or by the client itself.
    pub id: String,
    /// `group.instance.id`.
    pub instance: Option<String>,
    /// `client.id`.
    pub client: String,
    /// Where it is.
    pub host: String,
    /// Its partitions, where the group's protocol tells: topic and partition.
    pub partitions: Vec<(String, i32)>,
    /// What the broker wants it to have; nothing where its clients assign.
    pub target: Vec<(String, i32)>,
    /// How far it has come with what the broker wants; `None` where its clients assign.
    pub epoch: Option<i32>,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// Its id.
    pub id: String,
    /// `Stable`, `Empty`, `Dead`, …
    pub state: String,
    /// The assignor.
    pub assignor: String,
    /// Its own epoch and that of the assignment, where the broker assigns.
    pub epochs: Option<(i32, i32)>,
    /// The broker that coordinates it.
    pub coordinator: i32,
    /// By id.
    pub members: Vec<GroupMember>,
}

/// How far a group has come in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next record it reads.
    pub offset: i64,
    /// The epoch of the leader the last record came from; `None` where the committer did not say.
    pub leader_epoch: Option<i32>,
    /// What the committer wrote beside it.
    pub metadata: String,
}

/// By topic and partition.
type Committed = BTreeMap<(String, i32), CommittedOffset>;

impl Client {
    /// All groups, by id.
    ///
    /// # Errors
    /// A broker cannot be reached, or refuses.
    pub async fn groups(&self) -> Result<Vec<GroupListing>, ClientError> {
        let mut groups = Vec::new();
        for broker in self.cluster().await?.brokers {
            let mut retry = Retry::default();
            let response = loop {
                let response = self.ask_node(broker.id, &ListGroupsRequest::default()).await?;
                match check(|| "listing groups".into(), response.error_code, None) {
                    Err(error) => retry.after(error).await?,
                    Ok(()) => break response,
                }
            };
            groups.extend(response.groups.into_iter().map(|group| GroupListing {
                id: group.group_id.to_string(),
                kind: group.group_type.to_string(),
                state: group.group_state.to_string(),
                protocol: group.protocol_type.to_string(),
            }));
        }
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(groups)
    }

    /// A group with its members.
    ///
    /// # Errors
    /// There is no such group, or the coordinator cannot be reached.
    pub async fn group(&self, id: &str) -> Result<GroupInfo, ClientError> {
        self.at_coordinator(id, |coordinator| self.group_at(id, coordinator)).await
    }

    async fn group_at(&self, id: &str, coordinator: i32) -> Result<GroupInfo, ClientError> {
        if let Some(info) = self.modern_group(id, coordinator).await? {
            return Ok(info);
        }
        let request = DescribeGroupsRequest { groups: vec![id.into()], ..DescribeGroupsRequest::default() };
        let response = self.ask_node(coordinator, &request).await?;
        let group = response.groups.into_iter().next().ok_or_else(|| no_group(id))?;
        check(|| format!("group {id}"), group.error_code, group.error_message.as_deref())?;
        if group.group_state == "Dead" {
            return Err(no_group(id));
        }
        let consumers = group.protocol_type == "consumer";
        let member = |member: ottla_wire::messages::describe_groups_response::DescribedGroupMember| {
            let partitions = if consumers { assigned(&member.member_assignment) } else { Vec::new() };
            GroupMember {
                id: member.member_id.to_string(),
                instance: member.group_instance_id.map(|id| id.to_string()),
                client: member.client_id.to_string(),
                host: member.client_host.to_string(),
                partitions,
                target: Vec::new(),
                epoch: None,
            }
        };
        let mut members: Vec<_> = group.members.into_iter().map(member).collect();
        members.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(GroupInfo {
            id: id.to_owned(),
            state: group.group_state.to_string(),
            assignor: group.protocol_data.to_string(),
            epochs: None,
            coordinator,
            members,
        })
    }

    /// A group of KIP-848; `None` where it is none, or the broker knows none.
    async fn modern_group(&self, id: &str, coordinator: i32) -> Result<Option<GroupInfo>, ClientError> {
        let request = ConsumerGroupDescribeRequest { group_ids: vec![id.into()], ..Default::default() };
        let response = match self.ask_node(coordinator, &request).await {
            Err(ClientError::Unsupported(_)) => return Ok(None),
            response => response?,
        };
        let Some(group) = response.groups.into_iter().next() else { return Ok(None) };
        if matches!(group.error_code, ErrorCode::GROUP_ID_NOT_FOUND | ErrorCode::UNSUPPORTED_VERSION) {
            return Ok(None);
        }
        check(|| format!("group {id}"), group.error_code, group.error_message.as_deref())?;
        let mut members: Vec<_> = group
            .members
            .into_iter()
            .map(|member| GroupMember {
                id: member.member_id.to_string(),
                instance: member.instance_id.map(|id| id.to_string()),
                client: member.client_id.to_string(),
                host: member.client_host.to_string(),
                partitions: partitions(&member.assignment),
                target: partitions(&member.target_assignment),
                epoch: Some(member.member_epoch),
            })
            .collect();
        members.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Some(GroupInfo {
            id: id.to_owned(),
            state: group.group_state.to_string(),
            assignor: group.assignor_name.to_string(),
            epochs: Some((group.group_epoch, group.assignment_epoch)),
            coordinator,
            members,
        }))
    }

    /// The offsets a group has committed.
    ///
    /// # Errors
    /// The coordinator cannot be reached, or refuses.
    pub async fn committed(&self, group: &str) -> Result<Committed, ClientError> {
        self.at_coordinator(group, |coordinator| self.committed_at(group, coordinator)).await
    }

    async fn committed_at(&self, group: &str, coordinator: i32) -> Result<Committed, ClientError> {
        let request = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: group.into(),
                member_epoch: -1,
                ..OffsetFetchRequestGroup::default()
            }],
            ..OffsetFetchRequest::default()
        };
        let response = self.ask_node_up_to(coordinator, &request, OFFSETS_BY_NAME).await?;
        let mut committed = BTreeMap::new();
        for of in response.groups {
            check(|| format!("offsets of group {group}"), of.error_code, None)?;
            for topic in of.topics {
                for partition in topic.partitions {
                    let at = (topic.name.to_string(), partition.partition_index);
                    check(|| format!("offset of {}-{}", at.0, at.1), partition.error_code, None)?;
                    let metadata = partition.metadata.map(|text| text.to_string()).unwrap_or_default();
                    let leader_epoch = Some(partition.committed_leader_epoch).filter(|epoch| *epoch >= 0);
                    let offset = partition.committed_offset;
                    committed.insert(at, CommittedOffset { offset, leader_epoch, metadata });
                }
            }
        }
        Ok(committed)
    }

    /// Commits offsets for a group that has no members.
    ///
    /// # Errors
    /// It has (UNKNOWN_MEMBER_ID), or the coordinator refuses.
    pub async fn commit_for(
        &self,
        group: &str,
        offsets: &BTreeMap<(String, i32), i64>,
    ) -> Result<(), ClientError> {
        let mut topics: Vec<OffsetCommitRequestTopic> = Vec::new();
        for ((topic, partition_index), offset) in offsets {
            if topics.last().is_none_or(|last| last.name != topic.as_str()) {
                let name = topic.as_str().into();
                topics.push(OffsetCommitRequestTopic { name, ..OffsetCommitRequestTopic::default() });
            }
            let partition = OffsetCommitRequestPartition {
                partition_index: *partition_index,
                committed_offset: *offset,
                committed_leader_epoch: -1,
                committed_metadata: Some(Str::new()),
                ..OffsetCommitRequestPartition::default()
            };
            topics.last_mut().into_iter().for_each(|topic| topic.partitions.push(partition.clone()));
        }
        let request = OffsetCommitRequest {
            group_id: group.into(),
            generation_id_or_member_epoch: -1,
            retention_time_ms: -1,
            topics,
            ..OffsetCommitRequest::default()
        };
        let request = &request;
        self.at_coordinator(group, |coordinator| async move {
            let response = self.ask_node_up_to(coordinator, request, OFFSETS_BY_NAME).await?;
            for topic in &response.topics {
                for partition in &topic.partitions {
                    let what = || format!("offset of {}-{}", topic.name, partition.partition_index);
                    check(what, partition.error_code, None)?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Removes a group that has no members, with its offsets.
    ///
    /// # Errors
    /// It has, it is not there, or the coordinator refuses.
    pub async fn delete_group(&self, id: &str) -> Result<(), ClientError> {
        let request = DeleteGroupsRequest { groups_names: vec![id.into()] };
        let request = &request;
        self.at_coordinator(id, |coordinator| async move {
            for result in self.ask_node(coordinator, request).await?.results {
                check(|| format!("removing group {id}"), result.error_code, None)?;
            }
            Ok(())
        })
        .await
    }

    /// Asks the coordinator of a group, again while it is loading or has moved.
    pub(super) async fn at_coordinator<T, F: Future<Output = Result<T, ClientError>>>(
        &self,
        group: &str,
        ask: impl Fn(i32) -> F,
    ) -> Result<T, ClientError> {
        let mut retry = Retry::default();
        loop {
            let coordinator = self.coordinator(group).await?;
            match ask(coordinator).await {
                Err(error) => retry.after(error).await?,
                done => return done,
            }
        }
    }

    /// The broker that coordinates a group.
    async fn coordinator(&self, group: &str) -> Result<i32, ClientError> {
        let mut retry = Retry::default();
        loop {
            match self.find_coordinator(group).await {
                // Without a broker there is nothing to wait for.
                Err(error @ ClientError::Refused { .. }) => retry.after(error).await?,
                found => return found,
            }
        }
    }

    /// The same, asked once.
    pub(crate) async fn find_coordinator(&self, group: &str) -> Result<i32, ClientError> {
        let request = FindCoordinatorRequest {
            key_type: 0,
            coordinator_keys: vec![group.into()],
            ..Default::default()
        };
        let response = self.ask(&request).await?;
        let Some(found) = response.coordinators.into_iter().next() else { return Err(no_group(group)) };
        let what = || format!("the coordinator of group {group}");
        check(what, found.error_code, found.error_message.as_deref())?;
        self.know([(found.node_id, format!("{}:{}", found.host, found.port))]).await;
        Ok(found.node_id)
    }
}

fn partitions(assignment: &Assignment) -> Vec<(String, i32)> {
    let topics = assignment.topic_partitions.iter();
    topics.flat_map(|topic| topic.partitions.iter().map(|p| (topic.topic_name.to_string(), *p))).collect()
}

fn no_group(id: &str) -> ClientError {
    ClientError::refused(format!("group {id}"), ErrorCode::GROUP_ID_NOT_FOUND, None)
}

/// What a classic consumer is assigned; nothing where the bytes are not a consumer's.
fn assigned(bytes: &bytes::Bytes) -> Vec<(String, i32)> {
    use ottla_wire::{
        Message, Reader, consumer_protocol::consumer_protocol_assignment::ConsumerProtocolAssignment,
    };
    let mut reader = Reader::new(bytes.clone());
    let Ok(version) = reader.i16() else { return Vec::new() };
    // Later versions only add to what the last known one says.
    let version = version.min(ConsumerProtocolAssignment::VERSIONS.max);
    let Ok(assignment) = ConsumerProtocolAssignment::decode(&mut reader, version) else { return Vec::new() };
    let partitions = assignment.assigned_partitions.into_iter();
    partitions
        .flat_map(|of| of.partitions.into_iter().map(move |partition| (of.topic.to_string(), partition)))
        .collect()
}
