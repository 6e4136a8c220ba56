//! What a transactional producer asks coordinators, one call each.

use std::{collections::BTreeMap, time::Duration};

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    add_offsets_to_txn_request::AddOffsetsToTxnRequest,
    add_partitions_to_txn_request::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic},
    end_txn_request::EndTxnRequest,
    init_producer_id_request::InitProducerIdRequest,
    txn_offset_commit_request::{
        TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    },
};

use super::{
    action::{Action, Answer, Request, Who},
    offsets::GroupOffsets,
};
use crate::{
    Client, ClientError, TopicPartition,
    ask::ask,
    consumer::{Mark, OfTopic, by_topic},
};

/// The last version of AddPartitionsToTxn for producers; brokers among themselves have later ones.
const ADD_BY_PRODUCER: i16 = 3;
/// The last version of TxnOffsetCommit that does not add the group's partition to the transaction.
const OFFSETS_BEFORE_2: i16 = 4;
/// The last version of EndTxn that leaves the epoch as it is.
const END_BEFORE_2: i16 = 4;
/// The last version of InitProducerId that is not about two-phase commits from outside.
const INIT: i16 = 5;
const LATEST: i16 = i16::MAX;

/// The feature's level from which on requests add their partitions themselves, and ends raise the epoch.
const VERSION_2: i16 = 2;

/// Whose transactions they are.
#[derive(Debug, Clone)]
pub(in crate::producer) struct Transactional {
    pub(in crate::producer) id: Str,
    pub(super) timeout_ms: i32,
    pub(super) patience: Duration,
}

impl Transactional {
    /// Does what the machine wants. `partitions` are those it wants to add, by queue.
    pub(in crate::producer) async fn ask(
        &self,
        client: &Client,
        action: Action,
        partitions: &BTreeMap<TopicPartition, usize>,
        patience: Duration,
    ) -> Answer {
        let answer = match action {
            Action::Find => within(patience, self.find(client)).await,
            Action::FindGroup(group) => {
                within(patience, client.find_coordinator(&group)).await.map(Answer::FoundGroup)
            }
            Action::Ask(node, Request::Init(who)) => self.init(client, node, who, patience).await,
            Action::Ask(node, Request::Partitions(who, _)) => {
                self.add_partitions(client, node, who, partitions, patience).await
            }
            Action::Ask(node, Request::Group(who, group)) => {
                self.add_group(client, node, who, group, patience).await
            }
            Action::Ask(node, Request::Offsets(who, offsets, at_2)) => {
                self.commit_offsets(client, node, who, offsets, at_2, patience).await
            }
            Action::Ask(node, Request::End { who, commit, new_epoch }) => {
                self.end(client, node, who, commit, new_epoch, patience).await
            }
        };
        answer.unwrap_or_else(|error| match error {
            ClientError::Refused { code, .. } => Answer::Refused(code),
            ClientError::Unsupported(_) | ClientError::Encode(_) => Answer::Unsupported,
            _ => Answer::Lost,
        })
    }

    async fn find(&self, client: &Client) -> Result<Answer, ClientError> {
        let level = client.features().await?.finalized.get("transaction.version").copied();
        let node = client.transaction_coordinator(&self.id).await?;
        Ok(Answer::Found(node, level.is_some_and(|level| level >= VERSION_2)))
    }

    async fn init(
        &self,
        client: &Client,
        node: i32,
        who: Option<Who>,
        patience: Duration,
    ) -> Result<Answer, ClientError> {
        let who = who.unwrap_or(Who { id: -1, epoch: -1 });
        let request = InitProducerIdRequest {
            transactional_id: Some(self.id.clone()),
            transaction_timeout_ms: self.timeout_ms,
            producer_id: who.id,
            producer_epoch: who.epoch,
            ..InitProducerIdRequest::default()
        };
        let given = ask(client, node, &request, INIT, patience).await?;
        let who = Who { id: given.producer_id, epoch: given.producer_epoch };
        Ok(refused(given.error_code).unwrap_or(Answer::Init(who)))
    }

    async fn add_partitions(
        &self,
        client: &Client,
        node: i32,
        who: Who,
        partitions: &BTreeMap<TopicPartition, usize>,
        patience: Duration,
    ) -> Result<Answer, ClientError> {
        let topic = |(name, of): OfTopic<&usize>| AddPartitionsToTxnTopic {
            name,
            partitions: of.into_iter().map(|(partition, _)| partition).collect(),
        };
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.id.clone(),
            v3_and_below_producer_id: who.id,
            v3_and_below_producer_epoch: who.epoch,
            v3_and_below_topics: by_topic(partitions).map(topic).collect(),
            ..AddPartitionsToTxnRequest::default()
        };
        let response = ask(client, node, &request, ADD_BY_PRODUCER, patience).await?;
        let mut codes = BTreeMap::new();
        for topic in response.results_by_topic_v3_and_below {
            for result in topic.results_by_partition {
                let at = TopicPartition::new(topic.name.to_string(), result.partition_index);
                if let Some(queue) = partitions.get(&at) {
                    codes.insert(*queue, result.partition_error_code);
                }
            }
        }
        Ok(Answer::Partitions(codes))
    }

    async fn add_group(
        &self,
        client: &Client,
        node: i32,
        who: Who,
        group_id: Str,
        patience: Duration,
    ) -> Result<Answer, ClientError> {
        let request = AddOffsetsToTxnRequest {
            transactional_id: self.id.clone(),
            producer_id: who.id,
            producer_epoch: who.epoch,
            group_id,
        };
        let response = ask(client, node, &request, LATEST, patience).await?;
        Ok(refused(response.error_code).unwrap_or(Answer::Group))
    }

    async fn commit_offsets(
        &self,
        client: &Client,
        node: i32,
        who: Who,
        offsets: GroupOffsets,
        at_2: bool,
        patience: Duration,
    ) -> Result<Answer, ClientError> {
        let topic = |(name, marks): OfTopic<&Mark>| TxnOffsetCommitRequestTopic {
            name,
            partitions: marks
                .into_iter()
                .map(|(partition_index, mark)| TxnOffsetCommitRequestPartition {
                    partition_index,
                    committed_offset: mark.offset,
                    committed_leader_epoch: mark.epoch,
                    committed_metadata: Some(mark.metadata.clone()),
                })
                .collect(),
        };
        let member = offsets.member.as_ref();
        let request = TxnOffsetCommitRequest {
            transactional_id: self.id.clone(),
            group_id: offsets.group.clone(),
            producer_id: who.id,
            producer_epoch: who.epoch,
            generation_id: member.map_or(-1, |member| member.epoch),
            member_id: member.map(|member| member.member_id.clone()).unwrap_or_default(),
            group_instance_id: member.and_then(|member| member.instance_id.clone()),
            topics: by_topic(&offsets.marks).map(topic).collect(),
        };
        let at_most = if at_2 { LATEST } else { OFFSETS_BEFORE_2 };
        let response = ask(client, node, &request, at_most, patience).await?;
        let mut codes = BTreeMap::new();
        for topic in response.topics {
            for result in topic.partitions {
                let at = TopicPartition::new(topic.name.to_string(), result.partition_index);
                codes.insert(at, result.error_code);
            }
        }
        Ok(Answer::Offsets(codes))
    }

    async fn end(
        &self,
        client: &Client,
        node: i32,
        who: Who,
        committed: bool,
        new_epoch: bool,
        patience: Duration,
    ) -> Result<Answer, ClientError> {
        let request = EndTxnRequest {
            transactional_id: self.id.clone(),
            producer_id: who.id,
            producer_epoch: who.epoch,
            committed,
        };
        let at_most = if new_epoch { LATEST } else { END_BEFORE_2 };
        let response = ask(client, node, &request, at_most, patience).await?;
        let next = Who { id: response.producer_id, epoch: response.producer_epoch };
        Ok(refused(response.error_code).unwrap_or(Answer::Ended((next.id >= 0).then_some(next))))
    }
}

fn refused(code: ErrorCode) -> Option<Answer> {
    (!code.is_ok()).then_some(Answer::Refused(code))
}

async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let late = ClientError::TimedOut("an answer of the broker");
    tokio::time::timeout(patience, asked).await.unwrap_or(Err(late))
}
