use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use ottla_records::{Batches, Limits, RecordView};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};

use crate::{Client, ClientError, TopicInfo, retry::Retry};

const MAX_BYTES: i32 = 50 << 20;
const PARTITION_MAX_BYTES: i32 = 1 << 20;

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// At the first record there is.
    Start,
    /// Behind the last.
    End,
    /// At an offset.
    Offset(i64),
    /// So many records before the end, in each partition.
    BeforeEnd(i64),
    /// At the first record of this time, milliseconds.
    Time(i64),
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Milliseconds.
    pub timestamp: i64,
    /// `None` for null.
    pub key: Option<Bytes>,
    /// `None` for null.
    pub value: Option<Bytes>,
    /// In order; keys may repeat.
    pub headers: Vec<(String, Option<Bytes>)>,
}

/// Reads all partitions of one topic.
#[derive(Debug)]
pub struct Consumer {
    client: Client,
    topic: TopicInfo,
    /// Next offset by partition.
    positions: BTreeMap<i32, i64>,
}

impl Client {
    /// Reads a topic from a position on.
    ///
    /// # Errors
    /// There is no such topic, or it cannot be reached.
    pub async fn consumer(&self, topic: &str, from: Position) -> Result<Consumer, ClientError> {
        let topic = self.topic(topic, false).await?;
        let mut consumer = Consumer { client: self.clone(), topic, positions: BTreeMap::new() };
        consumer.positions = consumer.offsets(from).await?;
        Ok(consumer)
    }
}

impl Consumer {
    /// One past the last record of each partition.
    ///
    /// # Errors
    /// A partition cannot be reached.
    pub async fn ends(&self) -> Result<BTreeMap<i32, i64>, ClientError> {
        self.offsets(Position::End).await
    }

    /// The next offset of each partition.
    #[must_use]
    pub const fn positions(&self) -> &BTreeMap<i32, i64> {
        &self.positions
    }

    async fn offsets(&self, at: Position) -> Result<BTreeMap<i32, i64>, ClientError> {
        let timestamp = match at {
            Position::Offset(offset) => {
                return Ok(self.topic.partitions.iter().map(|p| (p.index, offset)).collect());
            }
            Position::Start => -2,
            Position::End | Position::BeforeEnd(_) => -1,
            Position::Time(time) => time,
        };
        let found = self.client.list_offsets(&self.topic, timestamp).await?;
        match at {
            Position::BeforeEnd(count) => {
                let starts = self.client.list_offsets(&self.topic, -2).await?;
                let back = |(index, end): (i32, i64)| {
                    (index, end.saturating_sub(count).max(starts.get(&index).copied().unwrap_or_default()))
                };
                Ok(found.into_iter().map(back).collect())
            }
            // Nothing is as young as that: what comes next is.
            Position::Time(_) if found.values().any(|offset| *offset < 0) => {
                let ends = self.client.list_offsets(&self.topic, -1).await?;
                Ok(found.into_iter().map(|(i, o)| (i, if o < 0 { ends[&i] } else { o })).collect())
            }
            _ => Ok(found),
        }
    }

    /// The next records, or none when nothing came within `wait`.
    ///
    /// # Errors
    /// A partition cannot be read, not even after some time.
    pub async fn poll(&mut self, wait: Duration) -> Result<Vec<Record>, ClientError> {
        let mut retry = Retry::default();
        loop {
            match self.try_poll(wait).await {
                Err(error) => retry.after(error).await?,
                records => return records,
            }
            self.topic = self.client.topic(&self.topic.name, false).await?;
        }
    }

    /// Records that came are handed out even if another partition fails: its error comes again with the next poll.
    async fn try_poll(&mut self, wait: Duration) -> Result<Vec<Record>, ClientError> {
        let mut records = Vec::new();
        match self.gather(wait, &mut records).await {
            Err(error) if records.is_empty() => Err(error),
            _ => Ok(records),
        }
    }

    async fn gather(&mut self, wait: Duration, records: &mut Vec<Record>) -> Result<(), ClientError> {
        for (leader, indexes) in self.topic.by_leader() {
            let request = self.fetch_request(&indexes, wait);
            let response = self.client.ask_node(leader, &request).await?;
            if !response.error_code.is_ok() {
                return Err(ClientError::refused("Fetch", response.error_code, None));
            }
            for partition in response.responses.into_iter().flat_map(|topic| topic.partitions) {
                let index = partition.partition_index;
                if partition.error_code != ErrorCode::NONE {
                    let what = format!("reading {}-{index}", self.topic.name);
                    return Err(ClientError::refused(what, partition.error_code, None));
                }
                let bytes = partition.records.map(ottla_wire::Records::into_memory).unwrap_or_default();
                self.take(index, bytes, records)?;
            }
        }
        Ok(())
    }

    fn fetch_request(&self, indexes: &[i32], wait: Duration) -> FetchRequest {
        let partition = |index: &i32| FetchPartition {
            partition: *index,
            fetch_offset: self.positions.get(index).copied().unwrap_or_default(),
            partition_max_bytes: PARTITION_MAX_BYTES,
            ..FetchPartition::default()
        };
        FetchRequest {
            max_wait_ms: i32::try_from(wait.as_millis()).unwrap_or(i32::MAX),
            min_bytes: 1,
            max_bytes: MAX_BYTES,
            topics: vec![FetchTopic {
                topic: Str::from(self.topic.name.as_str()),
                topic_id: self.topic.id,
                partitions: indexes.iter().map(partition).collect(),
            }],
            ..FetchRequest::default()
        }
    }

    /// Takes the records of whole batches from the position on; control records are skipped.
    fn take(&mut self, index: i32, bytes: Bytes, out: &mut Vec<Record>) -> Result<(), ClientError> {
        let position = self.positions.entry(index).or_default();
        for batch in Batches::new(bytes) {
            let batch = batch?;
            batch.verify()?;
            if !batch.header().is_control() {
                let whole = batch
                    .records(&Limits::default())?
                    .iter()
                    .filter(|record| record.as_ref().map_or(true, |record| record.offset >= *position))
                    .map(|record| record.map(|view| Record::of(index, &view)))
                    .collect::<Result<Vec<_>, _>>()?;
                out.extend(whole);
            }
            *position = (*position).max(batch.header().next_offset());
        }
        Ok(())
    }
}

impl Record {
    fn of(partition: i32, view: &RecordView<'_>) -> Self {
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        let header = |(key, value): (&[u8], Option<&[u8]>)| (text(key), value.map(Bytes::copy_from_slice));
        Self {
            partition,
            offset: view.offset,
            timestamp: view.timestamp,
            key: view.key.map(Bytes::copy_from_slice),
            value: view.value.map(Bytes::copy_from_slice),
            headers: view.headers().map(header).collect(),
        }
    }
}
