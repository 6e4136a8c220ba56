//! Batches and records.

use std::path::Path;

use ottla_records::{Batch, ControlRecord, Limits, RecordView, TimestampType};

use super::{Decoder, Stop, Thrown, What, metadata::control, unreadable};
use crate::{
    format::codec_name,
    log_file::{LogFile, Stored},
    verbs::say::say,
};

pub(super) fn dump(file: &Path, what: &What, decoder: &Decoder, late: &mut Vec<String>) -> Result<(), Stop> {
    let mut log = LogFile::open(file).map_err(|error| unreadable(file, error))?;
    // Before the first record, which is expected to be the first of all.
    let mut last = -1;
    let mut gaps = Vec::new();
    while let Some(stored) = log.next()? {
        let header = stored.batch.header();
        if stored.position + header.size_in_bytes() as u64 > what.max_bytes {
            return Ok(());
        }
        print_batch(&stored)?;
        if what.deep {
            print_records(&stored.batch, what, decoder, &mut last, &mut gaps)?;
        }
    }
    if log.rest() > 0 && what.max_bytes == u64::MAX {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        say!("Found {} invalid bytes at the end of {name}", log.rest());
    }
    if !gaps.is_empty() {
        let path = std::path::absolute(file)?;
        late.push(format!("Non-consecutive offsets in {}", path.display()));
        late.extend(gaps.iter().map(|(one, next)| format!("  {one} is followed by {next}")));
    }
    Ok(())
}

const fn time_name(kind: TimestampType) -> &'static str {
    match kind {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    }
}

fn print_batch(stored: &Stored) -> Result<(), Stop> {
    let header = stored.batch.header();
    let codec = header.codec().map_err(|error| Thrown::illegal_argument(error.to_string()))?;
    let horizon = header
        .delete_horizon()
        .map_or_else(|| "OptionalLong.empty".to_owned(), |horizon| format!("OptionalLong[{horizon}]"));
    say!(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {horizon} position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: {}",
        header.base_offset,
        header.last_offset(),
        header.record_count,
        header.base_sequence,
        header.last_sequence(),
        header.producer_id,
        header.producer_epoch,
        header.partition_leader_epoch,
        header.is_transactional(),
        header.is_control(),
        stored.position,
        time_name(header.timestamp_type()),
        header.max_timestamp,
        header.size_in_bytes(),
        header.magic,
        codec_name(codec),
        header.crc,
        stored.batch.verify().is_ok()
    );
    Ok(())
}

fn print_records(
    batch: &Batch,
    what: &What,
    decoder: &Decoder,
    last: &mut i64,
    gaps: &mut Vec<(i64, i64)>,
) -> Result<(), Stop> {
    let corrupt = |error: ottla_records::BatchError| {
        Thrown::new("org.apache.kafka.common.InvalidRecordException", error.to_string())
    };
    let header = batch.header();
    let controls = if header.is_control() { ControlRecord::all(batch).map_err(corrupt)? } else { Vec::new() };
    let records = batch.records(&Limits::default()).map_err(corrupt)?;
    for (at, record) in records.iter().enumerate() {
        let record = record.map_err(corrupt)?;
        if *last + 1 != record.offset {
            gaps.push((*last, record.offset));
        }
        *last = record.offset;
        let mut parts = Vec::new();
        if what.metadata {
            parts.push(common(batch, &record));
            parts.extend(controls.get(at).map(control));
        }
        if what.contents && !header.is_control() {
            parts.extend(decoder.print(&record)?);
        }
        let bar = if parts.is_empty() { "" } else { "| " };
        say!("{bar}{}", parts.join(" "));
    }
    Ok(())
}

/// What every record has.
fn common(batch: &Batch, record: &RecordView<'_>) -> String {
    let header = batch.header();
    let size = |bytes: Option<&[u8]>| bytes.map_or_else(|| "-1".to_owned(), |bytes| bytes.len().to_string());
    // Sequences begin again at 0 behind the highest number.
    let delta = i32::try_from(record.offset - header.base_offset).unwrap_or_default();
    let sequence = match header.base_sequence {
        none @ ..0 => none,
        base => base.wrapping_add(delta) & i32::MAX,
    };
    let headers: Vec<_> = record.headers().map(|(key, _)| String::from_utf8_lossy(key)).collect();
    format!(
        "offset: {} {}: {} keySize: {} valueSize: {} sequence: {sequence} headerKeys: [{}]",
        record.offset,
        time_name(header.timestamp_type()),
        record.timestamp,
        size(record.key),
        size(record.value),
        headers.join(",")
    )
}
