use ottla_coordinator::group::{Groups, KeyValue, Record};
use ottla_wire::{DecodeError, EncodeError};

use super::journal::{Entry, Journaled};

impl Journaled for Groups {
    fn encode(record: &Record) -> Result<Option<KeyValue>, EncodeError> {
        record.encode()
    }

    fn decode(entry: &Entry) -> Result<Record, DecodeError> {
        match entry {
            Entry::Data { key, value, producer_id } => Record::decode(key, value.as_ref(), *producer_id),
            Entry::TransactionEnd { producer_id, committed } => {
                Ok(Record::TransactionEnd { producer_id: *producer_id, committed: *committed })
            }
        }
    }
}
