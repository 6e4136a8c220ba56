//! What the coordinator is asked before records of a transaction are appended (KIP-890).

use std::{collections::HashMap, sync::Arc};

use ottla_records::BatchHeader;
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::{
    Chunk,
    messages::produce_request::{PartitionProduceData, ProduceRequest},
};

use super::find;
use crate::{
    call::Call,
    partition::{AppendError, Partition, Word},
    transactions::{Door, Form},
};

/// A partition as the request names it.
type Place = (Str, Uuid, i32);

/// Partitions of one producer's records, with the first sequence for each.
type Asked = Vec<(Place, (Arc<Partition>, i32))>;

/// What the coordinator has said.
#[derive(Debug, Default)]
pub(super) struct Words(HashMap<Place, Result<Word, ErrorCode>>, Option<Form>);

impl Words {
    /// For one partition; nobody was asked about those whose records are of no transaction.
    pub(super) fn of(&self, name: &Str, id: Uuid, index: i32) -> Result<Word, AppendError> {
        if self.0.is_empty() {
            return Ok(Word::NotAsked);
        }
        let word = self.0.get(&(name.clone(), id, index)).copied().unwrap_or(Ok(Word::NotAsked));
        word.map_err(|underlying| refusal(underlying, self.1))
    }
}

/// Asks about every partition with records of a transaction.
pub(super) async fn ask(call: &Call, request: &ProduceRequest) -> Words {
    let Some(transactional_id) = &request.transactional_id else { return Words::default() };
    let form = match call.version {
        12.. => Form::Implicit,
        11 => Form::Verified,
        _ => Form::Old,
    };
    // Nearly always one producer; whoever sends for more is answered for each.
    let mut by_producer: HashMap<(i64, i16), Asked> = HashMap::new();
    for topic in &request.topic_data {
        for data in &topic.partition_data {
            let header = header_of(data).filter(BatchHeader::is_transactional);
            let place = (topic.name.clone(), topic.topic_id, data.index);
            if let Some(header) = header
                && let Ok(partition) = find(call, (&topic.name, topic.topic_id), data.index)
            {
                let producer = (header.producer_id, header.producer_epoch);
                by_producer.entry(producer).or_default().push((place, (partition, header.base_sequence)));
            }
        }
    }
    let mut words = HashMap::new();
    for (producer, asked) in by_producer {
        let (places, into): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let door = Door { broker: &call.broker, transactional_id, producer, form };
        words.extend(places.into_iter().zip(door.ask(&into).await));
    }
    Words(words, Some(form))
}

/// The header of a partition's first batch, if it is of the present format.
fn header_of(data: &PartitionProduceData) -> Option<BatchHeader> {
    let [Chunk::Memory(bytes)] = data.records.as_ref()?.chunks() else { return None };
    BatchHeader::parse(bytes).ok().filter(|header| header.magic == 2)
}

/// Errors producers do not know, or take for final, become one they try again after.
fn refusal(underlying: ErrorCode, form: Option<Form>) -> AppendError {
    let code = match underlying {
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
        | ErrorCode::COORDINATOR_NOT_AVAILABLE
        | ErrorCode::NOT_COORDINATOR => ErrorCode::NOT_ENOUGH_REPLICAS,
        ErrorCode::CONCURRENT_TRANSACTIONS if form != Some(Form::Implicit) => ErrorCode::NOT_ENOUGH_REPLICAS,
        other => other,
    };
    AppendError::Unverified { code, underlying }
}
