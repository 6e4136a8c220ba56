//! What is looked at before any partition, and what fails a request as a whole.

use std::collections::{HashMap, hash_map::Entry};

use ottla_records::{Unwalkable, glimpse};
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    Chunk,
    messages::{
        produce_request::{ProduceRequest, TopicProduceData},
        produce_response::{PartitionProduceResponse, ProduceResponse, TopicProduceResponse},
    },
};

/// Why nothing of a request is appended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Unwalkable(#[from] Unwalkable),
    #[error("records of a transaction without a transactional id")]
    NoTransactionalId,
}

impl Refusal {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Unwalkable(_) => ErrorCode::CORRUPT_MESSAGE,
            Self::NoTransactionalId => ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        }
    }

    /// Kafka sends no text where it is the code's own.
    fn message(&self) -> Option<Str> {
        matches!(self, Self::Unwalkable(_)).then(|| self.to_string().into())
    }
}

/// Looks at the first batch of every partition.
pub(super) fn check(request: &ProduceRequest) -> Result<(), Refusal> {
    let partitions = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    for records in partitions.filter_map(|partition| partition.records.as_ref()) {
        // From the network they come in one piece.
        let [Chunk::Memory(bytes)] = records.chunks() else { continue };
        let transactional = glimpse(bytes)?.is_some_and(|batch| batch.transactional);
        if transactional && request.transactional_id.is_none() {
            return Err(Refusal::NoTransactionalId);
        }
    }
    Ok(())
}

/// The same error for every partition of a request.
pub(super) fn refuse(request: ProduceRequest, refusal: &Refusal) -> ProduceResponse {
    let topics = merged(request.topic_data).into_iter().map(|topic| TopicProduceResponse {
        name: topic.name,
        topic_id: topic.topic_id,
        partition_responses: topic
            .partition_data
            .iter()
            .map(|partition| PartitionProduceResponse {
                index: partition.index,
                error_code: refusal.code(),
                base_offset: -1,
                error_message: refusal.message(),
                ..Default::default()
            })
            .collect(),
    });
    ProduceResponse { responses: topics.collect(), ..Default::default() }
}

/// A topic that is named twice is answered once, and one without partitions not at all, as in Kafka.
pub(super) fn merged(mut topics: Vec<TopicProduceData>) -> Vec<TopicProduceData> {
    if topics.len() <= 1 {
        topics.retain(|topic| !topic.partition_data.is_empty());
        return topics;
    }
    let mut merged: Vec<TopicProduceData> = Vec::with_capacity(topics.len());
    let mut places = HashMap::new();
    for topic in topics.into_iter().filter(|topic| !topic.partition_data.is_empty()) {
        match places.entry((topic.name.clone(), topic.topic_id)) {
            Entry::Occupied(place) => {
                let first: &mut TopicProduceData = &mut merged[*place.get()];
                first.partition_data.extend(topic.partition_data);
            }
            Entry::Vacant(place) => {
                place.insert(merged.len());
                merged.push(topic);
            }
        }
    }
    merged
}
