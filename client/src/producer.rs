use std::collections::HashMap;

use bytes::Bytes;
use ottla_records::{BatchBuilder, Codec, Header, Levels, NewRecord};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    init_producer_id_request::InitProducerIdRequest,
    produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
};

use crate::{Client, ClientError, TopicInfo, partition_for_key, retry::Retry};

/// Bytes of records a partition gathers before they are sent.
const BATCH_BYTES: usize = 64 * 1024;
const TIMEOUT_MS: i32 = 30_000;

/// A record to be sent.
#[derive(Debug, Clone, Default)]
pub struct OutgoingRecord {
    /// `None` for null.
    pub key: Option<Bytes>,
    /// `None` for null.
    pub value: Option<Bytes>,
    /// In order; keys may repeat.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// Milliseconds; `None` for now.
    pub timestamp: Option<i64>,
    /// `None` lets the key decide, or deals records out where there is none.
    pub partition: Option<i32>,
}

impl OutgoingRecord {
    /// A record of just a value.
    #[must_use]
    pub fn value(value: impl Into<Bytes>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }
}

type At = (String, i32);

/// Sends records: idempotent, acks=all, in order per partition.
#[derive(Debug)]
pub struct Producer {
    client: Client,
    id: i64,
    epoch: i16,
    codec: Codec,
    topics: HashMap<String, TopicInfo>,
    open: HashMap<At, BatchBuilder>,
    sequences: HashMap<At, i32>,
    next_keyless: i32,
}

impl Producer {
    /// A producer with an identity of its own, so that what is sent twice is stored once.
    ///
    /// # Errors
    /// The broker gives no identity.
    pub async fn new(client: &Client) -> Result<Self, ClientError> {
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        };
        let mut retry = Retry::default();
        let (id, epoch) = loop {
            let response = client.ask(&request).await?;
            if response.error_code.is_ok() {
                break (response.producer_id, response.producer_epoch);
            }
            retry.after(ClientError::refused("InitProducerId", response.error_code, None)).await?;
        };
        Ok(Self {
            client: client.clone(),
            id,
            epoch,
            codec: Codec::None,
            topics: HashMap::new(),
            open: HashMap::new(),
            sequences: HashMap::new(),
            next_keyless: 0,
        })
    }

    /// Compresses batches from now on.
    pub fn set_codec(&mut self, codec: Codec) {
        self.codec = codec;
    }

    /// Takes a record; full batches are sent on the way.
    ///
    /// # Errors
    /// The topic does not exist and is not made, or a full batch is refused.
    pub async fn send(&mut self, topic: &str, record: OutgoingRecord) -> Result<(), ClientError> {
        if !self.topics.contains_key(topic) {
            let info = self.client.topic(topic, true).await?;
            self.topics.insert(topic.to_owned(), info);
        }
        let at = (topic.to_owned(), self.partition(topic, &record));
        let (codec, id, epoch) = (self.codec, self.id, self.epoch);
        let sequence = self.sequences.get(&at).copied().unwrap_or_default();
        let builder = self.open.entry(at.clone()).or_insert_with(|| {
            BatchBuilder::new().codec(codec, Levels::default()).producer(id, epoch, sequence)
        });
        let headers: Vec<Header<'_>> =
            record.headers.iter().map(|(key, value)| (key.as_bytes(), value.as_deref())).collect();
        builder.push(&NewRecord {
            timestamp: record.timestamp.unwrap_or_else(now_ms),
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        });
        if builder.size_in_bytes() >= BATCH_BYTES {
            self.flush_one(&at).await?;
        }
        Ok(())
    }

    /// Sends everything; when it returns, all of it is acknowledged.
    ///
    /// # Errors
    /// A batch was refused for good.
    pub async fn flush(&mut self) -> Result<(), ClientError> {
        let all: Vec<At> = self.open.keys().cloned().collect();
        for at in all {
            self.flush_one(&at).await?;
        }
        Ok(())
    }

    /// Records without a key go round the partitions, a batch each.
    fn partition(&mut self, topic: &str, record: &OutgoingRecord) -> i32 {
        let count = self.topics.get(topic).map_or(1, |info| info.partitions.len());
        let count = i32::try_from(count).unwrap_or(i32::MAX).max(1);
        match (record.partition, &record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) => partition_for_key(key, count),
            (None, None) => self.next_keyless % count,
        }
    }

    async fn flush_one(&mut self, at: &At) -> Result<(), ClientError> {
        let Some(builder) = self.open.remove(at) else { return Ok(()) };
        let count = builder.len();
        let records = builder.finish().freeze();
        let mut retry = Retry::default();
        while let Err(error) = self.produce(at, &records).await {
            retry.after(error).await?;
            let info = self.client.topic(&at.0, true).await?;
            self.topics.insert(at.0.clone(), info);
        }
        let sequence = self.sequences.entry(at.clone()).or_default();
        let next = (i64::from(*sequence) + i64::from(count)) % (i64::from(i32::MAX) + 1);
        *sequence = i32::try_from(next).unwrap_or_default();
        self.next_keyless = self.next_keyless.wrapping_add(1) & i32::MAX;
        Ok(())
    }

    async fn produce(&self, (topic, index): &At, records: &Bytes) -> Result<(), ClientError> {
        let info = self.topics.get(topic).ok_or_else(|| ClientError::NoTopic(topic.clone()))?;
        let leader = info.partitions.iter().find(|p| p.index == *index).map_or(-1, |p| p.leader);
        let data = PartitionProduceData { index: *index, records: Some(records.clone().into()) };
        let request = ProduceRequest {
            transactional_id: None,
            acks: -1,
            timeout_ms: TIMEOUT_MS,
            topic_data: vec![TopicProduceData {
                name: Str::from(topic.as_str()),
                topic_id: info.id,
                partition_data: vec![data],
            }],
        };
        let response = self.client.ask_node(leader, &request).await?;
        for partition in response.responses.iter().flat_map(|topic| &topic.partition_responses) {
            if partition.error_code != ErrorCode::NONE {
                let what = format!("producing to {topic}-{index}");
                let message = partition.error_message.as_deref();
                return Err(ClientError::refused(what, partition.error_code, message));
            }
        }
        Ok(())
    }
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
