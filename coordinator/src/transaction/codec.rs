//! Records as they stand in `__transaction_state`: keys begin with their type, values with their version.

use super::{Partitions, Producer, State, Transaction, record::Record};
use crate::group::KeyValue;
use bytes::Bytes;
use ottla_types::Str;
use ottla_wire::{
    DecodeError, EncodeError, Message, Reader, Writer,
    log_records::transaction::{
        transaction_log_key::TransactionLogKey,
        transaction_log_value::{PartitionsSchema, TransactionLogValue},
    },
};

const KEY_TYPE: i16 = 0;

impl Record {
    /// The key and value to write; `None` for records this coordinator only reads.
    ///
    /// # Errors
    /// A name is longer than its length field can say, which requests cannot bring in.
    pub fn encode(&self) -> Result<Option<KeyValue>, EncodeError> {
        let Self::Transaction { transactional_id, value, version } = self else { return Ok(None) };
        let mut key = Writer::new();
        key.put(&KEY_TYPE.to_be_bytes());
        TransactionLogKey { transactional_id: transactional_id.clone() }.encode(&mut key, 0)?;
        let value = value.as_ref().map(|value| {
            let mut writer = Writer::new();
            writer.put(&version.to_be_bytes());
            to_wire(value).encode(&mut writer, *version)?;
            Ok(writer.into_bytes())
        });
        Ok(Some((key.into_bytes(), value.transpose()?)))
    }

    /// Reads a record. Nothing of it keeps the log's buffer alive. Kinds and versions this build does not know are
    /// [`Record::Unknown`].
    ///
    /// # Errors
    /// The bytes are not what their version says, or name a state there is not.
    pub fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(key.clone());
        let key_type = reader.i16()?;
        let unknown = || Self::Unknown { key_type, key: Bytes::copy_from_slice(key) };
        if key_type != KEY_TYPE {
            return Ok(unknown());
        }
        let transactional_id = own(&TransactionLogKey::decode(&mut reader, 0)?.transactional_id);
        let Some(value) = value else {
            return Ok(Self::Transaction { transactional_id, value: None, version: 0 });
        };
        let mut reader = Reader::new(value.clone());
        let version = reader.i16()?;
        if !TransactionLogValue::VERSIONS.contains(version) {
            return Ok(unknown());
        }
        let wire = TransactionLogValue::decode(&mut reader, version)?;
        // A state of a later release: what it asks for is not known here.
        let Some(value) = from_wire(&wire) else { return Ok(unknown()) };
        Ok(Self::Transaction { transactional_id, value: Some(value), version })
    }
}

fn to_wire(value: &Transaction) -> TransactionLogValue {
    let partitions = |(topic, indices): (&Str, &std::collections::BTreeSet<i32>)| PartitionsSchema {
        topic: topic.clone(),
        partition_ids: indices.iter().copied().collect(),
    };
    TransactionLogValue {
        producer_id: value.producer.id,
        previous_producer_id: value.previous_producer_id,
        next_producer_id: value.next_producer_id,
        producer_epoch: value.producer.epoch,
        next_producer_epoch: -1,
        transaction_timeout_ms: value.timeout_ms,
        transaction_status: value.state.id(),
        // Kafka's readers take null for an empty one only.
        transaction_partitions: (value.state != State::Empty)
            .then(|| value.partitions.iter().map(partitions).collect()),
        transaction_last_update_timestamp_ms: value.updated_ms,
        transaction_start_timestamp_ms: value.start_ms,
        client_transaction_version: value.version,
    }
}

fn from_wire(wire: &TransactionLogValue) -> Option<Transaction> {
    let state = State::from_id(wire.transaction_status)?;
    if matches!(state, State::Dead | State::PrepareEpochFence) {
        return None;
    }
    let mut partitions = Partitions::new();
    for entry in wire.transaction_partitions.iter().flatten().filter(|_| state != State::Empty) {
        partitions.entry(own(&entry.topic)).or_default().extend(&entry.partition_ids);
    }
    Some(Transaction {
        producer: Producer { id: wire.producer_id, epoch: wire.producer_epoch },
        previous_producer_id: wire.previous_producer_id,
        next_producer_id: wire.next_producer_id,
        timeout_ms: wire.transaction_timeout_ms,
        state,
        partitions,
        start_ms: wire.transaction_start_timestamp_ms,
        updated_ms: wire.transaction_last_update_timestamp_ms,
        version: wire.client_transaction_version,
    })
}

fn own(text: &Str) -> Str {
    Str::from(text.to_string())
}
