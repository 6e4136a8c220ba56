//! Reading as a consumer does, which knows of nothing but what each fetch gives it.

use std::collections::BTreeSet;

use ottla_log::{Log, ReadLimits};
use ottla_records::{Batch, ControlRecord, ControlType, Limits};

use super::model::Record;
use crate::batches::parse;

/// What stands in a log from some offset on.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Records a consumer is given at read_committed.
    pub committed: Vec<Record>,
    /// All data records.
    pub all: Vec<Record>,
    /// Offsets of markers.
    pub markers: Vec<i64>,
    /// Base offsets of batches, also of such without records.
    pub bases: Vec<i64>,
    /// Largest timestamp and offset of each record.
    pub times: Vec<(i64, i64)>,
}

/// Reads `from..below`, so many bytes at a time.
///
/// # Errors
/// Something cannot be read.
pub(super) fn read(log: &Log, from: i64, below: i64, max_bytes: usize) -> Result<Found, String> {
    let mut found = Found::default();
    let mut at = from;
    loop {
        let limits = ReadLimits { below, max_bytes, at_least_one: true };
        let read = log.read(at, limits).map_err(|error| format!("reading at {at}: {error}"))?;
        if read.records.is_empty() {
            return Ok(found);
        }
        let aborted = log.aborted_between(at, read.next_offset).map_err(|error| error.to_string())?;
        let mut aborted = aborted.into_iter().peekable();
        let mut dropped: BTreeSet<i64> = BTreeSet::new();
        for batch in parse(read.records)? {
            let header = *batch.header();
            while let Some(txn) = aborted.next_if(|txn| txn.first_offset <= header.last_offset()) {
                dropped.insert(txn.producer_id);
            }
            found.bases.push(header.base_offset);
            if header.is_control() {
                found.marker(&batch, from, &mut dropped)?;
                continue;
            }
            let skipped = header.is_transactional() && dropped.contains(&header.producer_id);
            found.data(&batch, from, skipped)?;
        }
        if read.next_offset <= at {
            return Err(format!("a read at {at} leads to {}", read.next_offset));
        }
        at = read.next_offset;
    }
}

impl Found {
    fn marker(&mut self, batch: &Batch, from: i64, dropped: &mut BTreeSet<i64>) -> Result<(), String> {
        let header = batch.header();
        for record in ControlRecord::all(batch).map_err(|error| error.to_string())? {
            if record.kind == ControlType::Abort {
                dropped.remove(&header.producer_id);
            }
            if header.base_offset >= from {
                self.markers.push(header.base_offset);
                self.times.push((header.max_timestamp, header.base_offset));
            }
        }
        Ok(())
    }

    fn data(&mut self, batch: &Batch, from: i64, skipped: bool) -> Result<(), String> {
        let records = batch.records(&Limits::default()).map_err(|error| error.to_string())?;
        for record in records.iter() {
            let record = record.map_err(|error| error.to_string())?;
            if record.offset < from {
                continue;
            }
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.times.push((record.timestamp, record.offset));
            let one = Record {
                offset: record.offset,
                key: record.key.unwrap_or_default().to_vec(),
                value: record.value.map(text),
            };
            if !skipped {
                self.committed.push(one.clone());
            }
            self.all.push(one);
        }
        Ok(())
    }
}
