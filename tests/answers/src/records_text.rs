//! Record batches inside requests and responses, decoded for the transcript.

use bytes::Bytes;
use ottla_records::{Batch, Batches, Limits, RecordView};

/// A batch as it is shown. Checksum and length are left out: they follow from the rest, or are said to be wrong.
#[derive(Debug)]
#[allow(dead_code, reason = "only its Debug form is looked at")]
struct Shown {
    base_offset: i64,
    leader_epoch: i32,
    magic: i8,
    checksum: &'static str,
    attributes: i16,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    count: i32,
    records: Vec<String>,
}

/// The batches of `bytes` in their `{:#?}` form, one after another.
pub(crate) fn describe(bytes: Bytes) -> Vec<String> {
    let mut batches = Batches::new(bytes);
    let mut shown: Vec<String> = batches
        .by_ref()
        .map(|batch| match batch {
            Ok(batch) => format!("{:#?}", show(&batch)),
            Err(error) => format!("{error:?}"),
        })
        .collect();
    if !batches.rest().is_empty() {
        shown.push(format!("{} bytes more", batches.rest().len()));
    }
    shown
}

fn show(batch: &Batch) -> Shown {
    let header = batch.header();
    Shown {
        base_offset: header.base_offset,
        leader_epoch: header.partition_leader_epoch,
        magic: header.magic,
        checksum: if batch.verify().is_ok() { "right" } else { "wrong" },
        attributes: header.attributes,
        last_offset_delta: header.last_offset_delta,
        base_timestamp: header.base_timestamp,
        max_timestamp: header.max_timestamp,
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        count: header.record_count,
        records: records(batch),
    }
}

fn records(batch: &Batch) -> Vec<String> {
    match batch.records(&Limits::default()) {
        Ok(records) => records
            .iter()
            .map(|record| record.map_or_else(|error| format!("{error:?}"), |record| record_text(&record)))
            .collect(),
        Err(error) => vec![format!("{error:?}")],
    }
}

fn record_text(record: &RecordView<'_>) -> String {
    let text = |bytes: Option<&[u8]>| bytes.map_or("null".into(), |bytes| bytes.escape_ascii().to_string());
    let mut out =
        format!("{}@{} {}={}", record.offset, record.timestamp, text(record.key), text(record.value));
    for (key, value) in record.headers() {
        out.push_str(&format!(" {}:{}", key.escape_ascii(), text(value)));
    }
    out
}
