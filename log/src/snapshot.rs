//! `.snapshot` files: what is known of producers at an offset.

use std::{io, path::Path, sync::Arc};

use bytes::Bytes;
use ottla_disk::{Disk, File, read, write_atomic};
use ottla_mutant::mutant;
use ottla_records::crc32c;
use ottla_replication::producer::SnapshotEntry;
use ottla_wire::{
    Message, Writer, decode_body,
    log_records::storage::producer_snapshot::{ProducerEntry, ProducerSnapshot},
};

/// The only version there is.
const VERSION: i16 = 1;
/// Version and checksum stand in front of what the checksum covers.
const CRC_FROM: usize = 6;

/// Writes the state of producers at `path`'s offset. Answers the file, which must be synced before anything relies on
/// it; torn, it is recognised by its checksum.
pub(crate) fn write(disk: &dyn Disk, path: &Path, entries: &[SnapshotEntry]) -> io::Result<Arc<dyn File>> {
    let mut snapshot = ProducerSnapshot {
        crc: 0,
        producer_entries: entries
            .iter()
            .map(|entry| ProducerEntry {
                producer_id: entry.producer_id,
                epoch: entry.producer_epoch,
                last_sequence: entry.last_sequence,
                last_offset: entry.last_offset,
                offset_delta: entry.offset_delta,
                timestamp: entry.timestamp,
                coordinator_epoch: entry.coordinator_epoch,
                current_txn_first_offset: entry.current_txn_first_offset,
            })
            .collect(),
    };
    snapshot.crc = crc32c(&encode(&snapshot)?[CRC_FROM..]);
    let content = encode(&snapshot)?;
    if disk.exists(path) {
        // There may be no records left to find out from what it says: the old one stays until the new one stands.
        if read(disk, path)? != content {
            write_atomic(disk, path, &content)?;
        }
        return disk.create(path);
    }
    let file = disk.create(path)?;
    file.write_at(&[&content], 0)?;
    Ok(file)
}

fn encode(snapshot: &ProducerSnapshot) -> io::Result<Bytes> {
    let mut w = Writer::new();
    w.put(&VERSION.to_be_bytes());
    snapshot.encode(&mut w, VERSION).map_err(io::Error::other)?;
    Ok(w.into_bytes())
}

/// Reads a snapshot; `None` when it is damaged, so that an older one and a longer replay take its place.
pub(crate) fn load(disk: &dyn Disk, path: &Path) -> Option<Vec<SnapshotEntry>> {
    let content = Bytes::from(read(disk, path).ok()?);
    let version = i16::from_be_bytes(content.get(..2)?.try_into().ok()?);
    let computed = crc32c(content.get(CRC_FROM..)?);
    let snapshot: ProducerSnapshot = decode_body(content.slice(2..), version).ok()?;
    if snapshot.crc != computed && !mutant!("torn_snapshot_believed") {
        return None;
    }
    let entries = snapshot.producer_entries.into_iter().map(|entry| SnapshotEntry {
        producer_id: entry.producer_id,
        producer_epoch: entry.epoch,
        last_sequence: entry.last_sequence,
        last_offset: entry.last_offset,
        offset_delta: entry.offset_delta,
        timestamp: entry.timestamp,
        coordinator_epoch: entry.coordinator_epoch,
        current_txn_first_offset: entry.current_txn_first_offset,
    });
    Some(entries.collect())
}
