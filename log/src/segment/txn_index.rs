//! `.txnindex`: the aborted transactions whose marker stands in a segment, 34 bytes each.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, File, read};
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

/// The entries of the active segment live in memory and are written when it is finished, as those of the other indexes:
/// after an unclean stop the segment is scanned and they are found again.
#[derive(Debug)]
pub(crate) struct TxnIndex {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Read on first use: most segments have none.
    entries: Option<Vec<AbortedTxn>>,
    /// The file says something else.
    dirty: bool,
}

impl TxnIndex {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, known: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets the entries, before a rebuild.
    pub(crate) fn clear(&self, disk: &dyn Disk) {
        *self.known.lock() = Known { entries: Some(Vec::new()), dirty: disk.exists(&self.path) };
    }

    /// Adds an entry to those of the file, which must have been [read](Self::read) before.
    pub(crate) fn push(&self, txn: AbortedTxn) {
        let mut known = self.known.lock();
        known.entries.get_or_insert_default().push(txn);
        known.dirty = true;
    }

    /// There are no entries, and no file.
    pub(crate) fn start_empty(&self) {
        *self.known.lock() = Known { entries: Some(Vec::new()), dirty: false };
    }

    /// Writes the file if it is not up to date. Answers it if it must be synced.
    pub(crate) fn write(&self, disk: &dyn Disk) -> io::Result<Option<Arc<dyn File>>> {
        self.write_to(disk, &self.path)
    }

    /// As [`write`](Self::write), to another file.
    pub(crate) fn write_to(&self, disk: &dyn Disk, path: &Path) -> io::Result<Option<Arc<dyn File>>> {
        let mut known = self.known.lock();
        let Some(entries) = known.entries.as_deref().filter(|_| known.dirty) else { return Ok(None) };
        let mut content = Vec::with_capacity(entries.len() * ENTRY);
        for txn in entries {
            content.extend_from_slice(&[0, 0]);
            for field in [txn.producer_id, txn.first_offset, txn.last_offset, txn.last_stable_offset] {
                content.extend_from_slice(&field.to_be_bytes());
            }
        }
        let file = disk.create(path)?;
        file.set_len(content.len() as u64)?;
        file.write_at(&[&content], 0)?;
        known.dirty = false;
        Ok(Some(file))
    }

    /// Gives the memory back; the next use reads the file.
    pub(crate) fn forget(&self) {
        *self.known.lock() = Known::default();
    }

    pub(crate) fn read(&self, disk: &dyn Disk) -> io::Result<Vec<AbortedTxn>> {
        let mut known = self.known.lock();
        if let Some(entries) = &known.entries {
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
        known.entries = Some(entries.clone());
        Ok(entries)
    }
}
