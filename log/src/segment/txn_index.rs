//! `.txnindex`: the aborted transactions whose marker stands in a segment, 34 bytes each.

use std::{
    io,
    path::{Path, PathBuf},
};

use ottla_disk::{Disk, read};
use parking_lot::Mutex;

const ENTRY: usize = 34;

/// One aborted transaction in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTxn {
    /// Whose.
    pub producer_id: i64,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Offset of its marker.
    pub last_offset: i64,
    /// The last stable offset once the marker stood.
    pub last_stable_offset: i64,
}

#[derive(Debug)]
pub(crate) struct TxnIndex {
    path: PathBuf,
    /// Read on first use: most segments have none.
    entries: Mutex<Option<Vec<AbortedTxn>>>,
}

impl TxnIndex {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, entries: Mutex::new(None) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets the entries and the file, before a rebuild.
    pub(crate) fn clear(&self, disk: &dyn Disk) -> io::Result<()> {
        *self.entries.lock() = Some(Vec::new());
        if disk.exists(&self.path) { disk.create(&self.path)?.set_len(0) } else { Ok(()) }
    }

    pub(crate) fn append(&self, disk: &dyn Disk, txn: AbortedTxn) -> io::Result<()> {
        let mut entries = self.read(disk)?;
        let mut bytes = vec![0, 0];
        for field in [txn.producer_id, txn.first_offset, txn.last_offset, txn.last_stable_offset] {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
        disk.create(&self.path)?.write_at(&[&bytes], (entries.len() * ENTRY) as u64)?;
        entries.push(txn);
        *self.entries.lock() = Some(entries);
        Ok(())
    }

    pub(crate) fn read(&self, disk: &dyn Disk) -> io::Result<Vec<AbortedTxn>> {
        let mut slot = self.entries.lock();
        if let Some(entries) = &*slot {
            return Ok(entries.clone());
        }
        let content = match read(disk, &self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let field = |entry: &[u8], at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&entry[2 + at * 8..10 + at * 8]);
            i64::from_be_bytes(bytes)
        };
        let entries: Vec<_> = content
            .chunks_exact(ENTRY)
            .map(|entry| AbortedTxn {
                producer_id: field(entry, 0),
                first_offset: field(entry, 1),
                last_offset: field(entry, 2),
                last_stable_offset: field(entry, 3),
            })
            .collect();
        *slot = Some(entries.clone());
        Ok(entries)
    }
}
