//! Between records and the batches they travel in.

use bytes::{Bytes, BytesMut};
use ottla_coordinator::group::KeyValue;
use ottla_records::{
    Batch, BatchBuilder, BatchError, Batches, Codec, ControlRecord, ControlType, Levels, Limits, NewRecord,
    end_txn_marker,
};
use ottla_types::Millis;

use super::journal::{Chunk, Entry, Envelope, JournalError};

/// Batches of a coordinator are not counted: it knows what it has written.
const NO_SEQUENCE: i32 = -1;

/// One batch of these records, all at `now`.
pub(crate) fn build(records: &[KeyValue], envelope: Envelope, now: Millis, codec: Codec) -> BytesMut {
    let mut builder = BatchBuilder::new().codec(codec, Levels::default());
    match envelope {
        Envelope::Plain => {}
        Envelope::Transactional { producer: (id, epoch) } => {
            builder = builder.producer(id, epoch, NO_SEQUENCE).transactional();
        }
        Envelope::Marker { producer, commit, coordinator_epoch } => {
            return end_txn_marker(producer, commit, coordinator_epoch, now.0);
        }
    }
    for (key, value) in records {
        builder.push(&NewRecord { timestamp: now.0, key: Some(key), value: value.as_deref(), headers: &[] });
    }
    builder.finish()
}

/// What stands in `bytes`, which begin with a batch, from `offset` on.
pub(crate) fn parse(bytes: Bytes, offset: i64) -> Result<Chunk, JournalError> {
    let mut chunk = Chunk { entries: Vec::new(), next_offset: offset };
    for batch in Batches::new(bytes) {
        let batch = batch.map_err(failed)?;
        chunk.next_offset = chunk.next_offset.max(batch.header().next_offset());
        if batch.header().is_control() {
            push_marker(&batch, &mut chunk.entries).map_err(failed)?;
        } else {
            push_data(&batch, offset, &mut chunk.entries).map_err(failed)?;
        }
    }
    Ok(chunk)
}

fn push_marker(batch: &Batch, entries: &mut Vec<Entry>) -> Result<(), BatchError> {
    let producer_id = batch.header().producer_id;
    for record in ControlRecord::all(batch)? {
        match record.kind {
            ControlType::Commit => entries.push(Entry::TransactionEnd { producer_id, committed: true }),
            ControlType::Abort => entries.push(Entry::TransactionEnd { producer_id, committed: false }),
            _ => {}
        }
    }
    Ok(())
}

fn push_data(batch: &Batch, offset: i64, entries: &mut Vec<Entry>) -> Result<(), BatchError> {
    let header = batch.header();
    let producer_id = header.is_transactional().then_some(header.producer_id);
    for record in batch.records(&Limits::default())?.iter() {
        let record = record?;
        // A record without a key cannot be state; compacted topics do not take them.
        if let (Some(key), true) = (record.key, record.offset >= offset) {
            let value = record.value.map(Bytes::copy_from_slice);
            entries.push(Entry::Data { key: Bytes::copy_from_slice(key), value, producer_id });
        }
    }
    Ok(())
}

fn failed(error: BatchError) -> JournalError {
    JournalError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_were_written() {
        let records = vec![(Bytes::from("a"), Some(Bytes::from("1"))), (Bytes::from("b"), None)];
        let entry = |(key, value): (Bytes, Option<Bytes>)| Entry::Data { key, value, producer_id: None };
        let expected: Vec<_> = records.iter().cloned().map(entry).collect();
        for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let batch = build(&records, Envelope::Plain, Millis(7), codec).freeze();
            assert_eq!(Batch::parse(&batch).unwrap().header().codec().unwrap(), codec);
            let chunk = parse(batch.clone(), 0).unwrap();
            assert_eq!((&chunk.entries, chunk.next_offset), (&expected, 2), "{codec:?}");
            // A read in the middle of a batch begins there.
            assert_eq!(parse(batch, 1).unwrap().entries.len(), 1);
        }
    }

    #[test]
    fn transactions_keep_their_producer() {
        let records = vec![(Bytes::from("k"), Some(Bytes::from("v")))];
        let envelope = Envelope::Transactional { producer: (9, 0) };
        let data = parse(build(&records, envelope, Millis(1), Codec::None).freeze(), 0).unwrap();
        assert!(matches!(data.entries[..], [Entry::Data { producer_id: Some(9), .. }]));
        for committed in [true, false] {
            let envelope = Envelope::Marker { producer: (9, 0), commit: committed, coordinator_epoch: 0 };
            let marker = build(&[], envelope, Millis(5), Codec::None).freeze();
            assert_eq!(
                parse(marker, 0).unwrap().entries,
                [Entry::TransactionEnd { producer_id: 9, committed }]
            );
        }
    }
}
