//! Transactions somebody has to end. There is no coordinator for them yet: their records would stay invisible to
//! readers of committed records, and what follows them too, for ever.

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc};

use bytes::Bytes;
use ottla_disk::Disk;
use ottla_log::PeekedLog;
use ottla_records::{Batches, Limits};
use ottla_wire::{
    Message, Reader,
    log_records::transaction::{
        transaction_log_key::TransactionLogKey, transaction_log_value::TransactionLogValue,
    },
};

use super::Survey;

const TOPIC: &str = "__transaction_state";
/// Ongoing, PrepareCommit, PrepareAbort, PrepareEpochFence: states in which there are markers to write.
const UNFINISHED: [i8; 4] = [1, 2, 3, 7];

/// The state of every transactional id.
type States = BTreeMap<String, i8>;

impl Survey {
    pub(super) fn check_transactions(&mut self, disk: &Arc<dyn Disk>) {
        let paths: Vec<PathBuf> = self
            .dirs
            .iter()
            .flat_map(|dir| {
                let of_topic = dir.partitions.iter().filter(|partition| partition.topic == TOPIC);
                of_topic.map(|partition| dir.path.join(partition.to_string()))
            })
            .collect();
        let mut states = States::new();
        for path in paths {
            if let Err(error) = read(disk, &path, &mut states) {
                self.refuse(format!("{}: {error}", path.display()));
            }
        }
        let unfinished: Vec<&str> = states
            .iter()
            .filter(|(_, state)| UNFINISHED.contains(state))
            .map(|(id, _)| id.as_str())
            .collect();
        if !unfinished.is_empty() {
            self.refuse(format!(
                "transactions are not finished, and this release cannot finish them: {}; let Kafka end them, or wait \
                 there for their timeout",
                unfinished.join(", ")
            ));
        }
    }
}

fn read(disk: &Arc<dyn Disk>, path: &std::path::Path, states: &mut States) -> io::Result<()> {
    let log = PeekedLog::of(disk, path)?;
    for chunk in log.chunks() {
        for batch in Batches::new(chunk?) {
            let batch = batch.map_err(io::Error::other)?;
            if batch.header().is_control() {
                continue;
            }
            let records = batch.records(&Limits::default()).map_err(io::Error::other)?;
            for record in records.iter() {
                let record = record.map_err(io::Error::other)?;
                apply(record.key, record.value, states).map_err(io::Error::other)?;
            }
        }
    }
    Ok(())
}

fn apply(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    states: &mut States,
) -> Result<(), ottla_wire::DecodeError> {
    let mut key = Reader::new(Bytes::copy_from_slice(key.unwrap_or_default()));
    if key.i16()? != 0 {
        // A kind of record of a later release; that release says so in the features.
        return Ok(());
    }
    let id = TransactionLogKey::decode(&mut key, 0)?.transactional_id.to_string();
    let Some(value) = value else {
        states.remove(&id);
        return Ok(());
    };
    let mut value = Reader::new(Bytes::copy_from_slice(value));
    let version = value.i16()?;
    states.insert(id, TransactionLogValue::decode(&mut value, version)?.transaction_status);
    Ok(())
}
