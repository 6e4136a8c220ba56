//! Carrying a script out, and knowing what it must have left.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ottla_broker::format;
use ottla_disk::{Disk, SimDisk};
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    Records,
    messages::{
        create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic},
        create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
        delete_records_request::{DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic},
        delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
        incremental_alter_configs_request::{
            AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
        },
        offset_commit_request::{
            OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
        },
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
    },
};

use super::{Client, DATA, Step, Topic, World, config};
use crate::{
    batches::{Kind, Sent},
    logs::Part,
};

/// A broker at work, with the model of what it has acknowledged.
pub struct Run {
    /// The disk it lies on.
    pub disk: SimDisk,
    client: Option<Client>,
    /// What it has acknowledged.
    pub world: World,
    values: u64,
    sequences: BTreeMap<(String, i32), i32>,
}

fn ok(code: ErrorCode) -> Result<(), String> {
    if code.is_ok() { Ok(()) } else { Err(code.to_string()) }
}

impl Run {
    /// A formatted disk and a broker on it.
    ///
    /// # Errors
    /// It does not start.
    pub async fn new() -> Result<Self, String> {
        let disk = SimDisk::new();
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        format(&shared, &config(), "3Db5QLSqSZieL3rJBUUegA").map_err(|error| error.to_string())?;
        let client = Some(Client::start(&disk).await?);
        debug_assert!(disk.exists(Path::new(DATA)));
        Ok(Self { disk, client, world: World::default(), values: 0, sequences: BTreeMap::new() })
    }

    /// The broker.
    ///
    /// # Errors
    /// It is not there: a stop or a start has failed.
    pub fn client(&self) -> Result<&Client, String> {
        self.client.as_ref().ok_or_else(|| "there is no broker".to_owned())
    }

    /// Ends the broker, leaving the disk as it is.
    pub fn end(&mut self) {
        if let Some(client) = self.client.take() {
            client.broker.kill();
        }
    }

    /// Carries a step out and keeps the model in line with what was answered.
    ///
    /// # Errors
    /// The step failed; the model is as before.
    pub async fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Create { topic } => self.create(topic).await,
            Step::Delete { topic } => self.delete(topic).await,
            Step::Grow { topic, count } => self.grow(topic, count).await,
            Step::Produce { topic, partition, records, acks } => {
                let sent = self.batch(topic, partition, records);
                self.produce(topic, partition, sent, acks).await
            }
            Step::Resend { topic, partition } => self.resend(topic, partition).await,
            Step::Commit { group, topic, offset } => self.commit(group, topic, offset).await,
            Step::DeleteRecords { topic, partition, offset } => {
                self.delete_records(topic, partition, offset).await
            }
            Step::Retention { topic, ms } => {
                self.alter(topic, "retention.ms", ms).await?;
                let known = self.world.topics.get_mut(topic);
                known.ok_or("the script names topics there are")?.retention_ms = Some(ms.to_owned());
                Ok(())
            }
            Step::PageCache { topic } => self.alter(topic, "flush.messages", "9223372036854775807").await,
            Step::Retain => {
                self.client()?.broker.retain();
                self.learn_starts().await
            }
            Step::Checkpoint => self.client()?.broker.checkpoint().map_err(|error| error.to_string()),
            Step::Snapshot => {
                let client = self.client()?;
                client.settle(client.broker.snapshot()).await?.map_err(|error| error.to_string())
            }
            Step::Restart => {
                let client = self.client.take().ok_or("there is no broker")?;
                client.broker.stop().await.map_err(|error| error.to_string())?;
                self.client = Some(Client::start(&self.disk).await?);
                Ok(())
            }
            Step::Kill => {
                self.end();
                self.client = Some(Client::start(&self.disk).await?);
                Ok(())
            }
        }
    }

    async fn create(&mut self, topic: &str) -> Result<(), String> {
        let setting = |name: &'static str, value: &str| CreatableTopicConfig {
            name: Str::from_static(name),
            value: Some(value.into()),
        };
        let creatable = CreatableTopic {
            name: topic.into(),
            num_partitions: 2,
            replication_factor: 1,
            configs: vec![
                setting("segment.bytes", "1048576"),
                setting("segment.ms", "3"),
                setting("flush.messages", "1"),
                setting("file.delete.delay.ms", "0"),
            ],
            ..CreatableTopic::default()
        };
        let request = CreateTopicsRequest {
            topics: vec![creatable],
            timeout_ms: 30_000,
            ..CreateTopicsRequest::default()
        };
        let answer = self.client()?.ask(7, &request).await?;
        let made = answer.topics.first().ok_or("no answer for the topic")?;
        ok(made.error_code)?;
        let partitions = vec![Part::default(); 2];
        self.sequences.retain(|(name, _), _| name != topic);
        self.world
            .topics
            .insert(topic.to_owned(), Topic { id: made.topic_id, partitions, retention_ms: None });
        Ok(())
    }

    async fn delete(&mut self, topic: &str) -> Result<(), String> {
        let state = DeleteTopicState { name: Some(topic.into()), ..DeleteTopicState::default() };
        let request =
            DeleteTopicsRequest { topics: vec![state], timeout_ms: 30_000, ..DeleteTopicsRequest::default() };
        let answer = self.client()?.ask(6, &request).await?;
        ok(answer.responses.first().ok_or("no answer for the topic")?.error_code)?;
        self.world.topics.remove(topic);
        self.world.committed.retain(|(_, name, _), _| name != topic);
        Ok(())
    }

    async fn grow(&mut self, topic: &str, count: i32) -> Result<(), String> {
        let more = CreatePartitionsTopic { name: topic.into(), count, ..CreatePartitionsTopic::default() };
        let request = CreatePartitionsRequest {
            topics: vec![more],
            timeout_ms: 30_000,
            ..CreatePartitionsRequest::default()
        };
        let answer = self.client()?.ask(3, &request).await?;
        ok(answer.results.first().ok_or("no answer for the topic")?.error_code)?;
        let known = self.world.topics.get_mut(topic).ok_or("the script names topics there are")?;
        known.partitions.resize(count as usize, Part::default());
        Ok(())
    }

    fn batch(&mut self, topic: &str, partition: i32, records: usize) -> Sent {
        let values = (0..records)
            .map(|_| {
                self.values += 1;
                format!("{topic}-{partition}:{}", self.values)
            })
            .collect();
        let sequence = self.sequences.get(&(topic.to_owned(), partition)).copied().unwrap_or_default();
        // Far apart, so that `segment.ms` makes a segment of every few batches, and all of them are old.
        let timestamp = self.values as i64;
        Sent { base: -1, epoch: 0, timestamp, values, kind: Kind::Idempotent, producer: (1000, sequence) }
    }

    /// Sends a batch; what is not refused for sure may be there from now on.
    async fn produce(&mut self, topic: &str, partition: i32, sent: Sent, acks: i16) -> Result<(), String> {
        let base = self.send(topic, partition, &sent, acks).await?;
        let records = sent.values.len() as i32;
        let part = self.part(topic, partition)?;
        if base != part.end {
            return Err(format!("the batch stands at {base}, the log ended at {}", part.end));
        }
        part.append(Sent { base, ..sent });
        part.flushed = part.end;
        *self.sequences.entry((topic.to_owned(), partition)).or_default() += records;
        Ok(())
    }

    async fn send(&self, topic: &str, partition: i32, sent: &Sent, acks: i16) -> Result<i64, String> {
        let records = Some(Records::from(sent.bytes()));
        let partition_data = vec![PartitionProduceData { index: partition, records }];
        let topic_data = TopicProduceData { name: topic.into(), partition_data, ..Default::default() };
        let request = ProduceRequest {
            acks,
            timeout_ms: 30_000,
            topic_data: vec![topic_data],
            ..ProduceRequest::default()
        };
        let answer = self.client()?.ask(12, &request).await?;
        let topic = answer.responses.first().ok_or("no answer for the topic")?;
        let slot = topic.partition_responses.first().ok_or("no answer for the partition")?;
        ok(slot.error_code)?;
        Ok(slot.base_offset)
    }

    async fn resend(&mut self, topic: &str, partition: i32) -> Result<(), String> {
        let last = self.part(topic, partition)?.batches.last().cloned();
        let last = last.ok_or("there is nothing to send again")?;
        let base = self.send(topic, partition, &last, -1).await?;
        if base == last.base { Ok(()) } else { Err(format!("sent again, {} stands at {base}", last.base)) }
    }

    async fn commit(&mut self, group: &str, topic: &str, offset: i64) -> Result<(), String> {
        let partition = OffsetCommitRequestPartition {
            committed_offset: offset,
            ..OffsetCommitRequestPartition::default()
        };
        let at = OffsetCommitRequestTopic {
            name: topic.into(),
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: group.into(),
            topics: vec![at],
            ..OffsetCommitRequest::default()
        };
        // The first commit makes the topic it is written to; its coordinator may still be loading.
        loop {
            self.find_coordinator(group).await?;
            let answer = self.client()?.ask(8, &request).await?;
            let topic = answer.topics.first().ok_or("no answer for the topic")?;
            let code = topic.partitions.first().ok_or("no answer for the partition")?.error_code;
            if code == ErrorCode::COORDINATOR_LOAD_IN_PROGRESS {
                tokio::task::yield_now().await;
                continue;
            }
            ok(code)?;
            break;
        }
        self.world.committed.insert((group.to_owned(), topic.to_owned(), 0), offset);
        Ok(())
    }

    async fn find_coordinator(&self, group: &str) -> Result<(), String> {
        use ottla_wire::messages::find_coordinator_request::FindCoordinatorRequest;
        let request = FindCoordinatorRequest {
            coordinator_keys: vec![group.into()],
            ..FindCoordinatorRequest::default()
        };
        let answer = self.client()?.ask(4, &request).await?;
        ok(answer.coordinators.first().ok_or("no answer for the group")?.error_code)
    }

    async fn delete_records(&mut self, topic: &str, partition: i32, offset: i64) -> Result<(), String> {
        let at = DeleteRecordsPartition { partition_index: partition, offset };
        let at = DeleteRecordsTopic { name: topic.into(), partitions: vec![at] };
        let request = DeleteRecordsRequest { topics: vec![at], timeout_ms: 30_000 };
        let answer = self.client()?.ask(2, &request).await?;
        let topic_answer = answer.topics.first().ok_or("no answer for the topic")?;
        let slot = topic_answer.partitions.first().ok_or("no answer for the partition")?;
        ok(slot.error_code)?;
        self.part(topic, partition)?.start = slot.low_watermark;
        Ok(())
    }

    async fn alter(&mut self, topic: &str, name: &'static str, value: &str) -> Result<(), String> {
        let config =
            AlterableConfig { name: Str::from_static(name), config_operation: 0, value: Some(value.into()) };
        let resource =
            AlterConfigsResource { resource_type: 2, resource_name: topic.into(), configs: vec![config] };
        let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        let answer = self.client()?.ask(1, &request).await?;
        ok(answer.responses.first().ok_or("no answer for the topic")?.error_code)
    }

    /// Where partitions begin after retention.
    async fn learn_starts(&mut self) -> Result<(), String> {
        let names: Vec<(String, usize)> =
            self.world.topics.iter().map(|(name, topic)| (name.clone(), topic.partitions.len())).collect();
        for (name, partitions) in names {
            for partition in 0..partitions as i32 {
                let start = super::check::offset_at(self.client()?, &name, partition, -2).await?;
                self.part(&name, partition)?.start = start;
            }
        }
        Ok(())
    }

    fn part(&mut self, topic: &str, partition: i32) -> Result<&mut Part, String> {
        let topic = self.world.topics.get_mut(topic).ok_or("the script names topics there are")?;
        topic.partitions.get_mut(partition as usize).ok_or_else(|| "no such partition".to_owned())
    }
}
