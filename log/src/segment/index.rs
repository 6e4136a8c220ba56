//! Sparse indexes: `.index` (relative offset → position) and `.timeindex` (timestamp → relative offset).
//!
//! The index of the active segment lives in memory and is written when the segment is finished; after an unclean stop
//! it is rebuilt, so it needs no durability of its own. Finished indexes stay on disk and are searched there. They are
//! never mapped: a write through a map of a sparse file costs megabytes of page cache.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, File};

/// What the keys are, which decides their width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Four bytes.
    Offsets,
    /// Eight bytes.
    Times,
}

impl Keys {
    const fn width(self) -> usize {
        match self {
            Self::Offsets => 4,
            Self::Times => 8,
        }
    }

    const fn entry(self) -> usize {
        self.width() + 4
    }

    fn encode(self, (key, value): (i64, u32), out: &mut Vec<u8>) {
        out.extend_from_slice(&key.to_be_bytes()[8 - self.width()..]);
        out.extend_from_slice(&value.to_be_bytes());
    }

    fn decode(self, entry: &[u8]) -> (i64, u32) {
        let mut key = [0; 8];
        key[8 - self.width()..].copy_from_slice(&entry[..self.width()]);
        let mut value = [0; 4];
        value.copy_from_slice(&entry[self.width()..]);
        (i64::from_be_bytes(key), u32::from_be_bytes(value))
    }
}

#[derive(Debug)]
pub(crate) struct SparseIndex {
    path: PathBuf,
    keys: Keys,
    /// Ascending by key; `None` once the entries are on disk only.
    memory: Option<Vec<(i64, u32)>>,
}

impl SparseIndex {
    pub(crate) fn new(path: PathBuf, keys: Keys) -> Self {
        Self { path, keys, memory: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn start_empty(&mut self) {
        self.memory = Some(Vec::new());
    }

    /// Takes the entries of the file into memory, to append more. False when the file is missing or unusable.
    pub(crate) fn load(&mut self, disk: &dyn Disk) -> bool {
        let Ok(content) = ottla_disk::read(disk, &self.path) else { return false };
        if content.len() % self.keys.entry() != 0 {
            return false;
        }
        let entries: Vec<_> = content.chunks_exact(self.keys.entry()).map(|e| self.keys.decode(e)).collect();
        let ascending = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        self.memory = ascending.then_some(entries);
        ascending
    }

    /// Whether the file can be searched: whole entries, and not the zeros a crash leaves behind the last one.
    ///
    /// # Errors
    /// As the disk says; a missing file is no error.
    pub(crate) fn is_usable(&self, disk: &dyn Disk) -> io::Result<bool> {
        let file = match disk.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other?,
        };
        let (length, width) = (file.len()?, self.keys.entry());
        if length % width as u64 != 0 {
            return Ok(false);
        }
        if length <= width as u64 {
            return Ok(true);
        }
        let key = |at: u64| -> io::Result<i64> {
            let mut entry = [0; 12];
            file.read_at(&mut entry[..width], at)?;
            Ok(self.keys.decode(&entry[..width]).0)
        };
        Ok(key(0)? < key(length - width as u64)?)
    }

    pub(crate) fn memory_len(&self) -> u64 {
        self.memory.as_ref().map_or(0, |entries| entries.len() as u64)
    }

    /// Adds an entry; one whose key does not ascend says nothing new and is left out.
    pub(crate) fn push(&mut self, key: i64, value: u32) {
        let entries = self.memory.get_or_insert_default();
        if entries.last().is_none_or(|last| last.0 < key) {
            entries.push((key, value));
        }
    }

    /// Writes the file; the entries stay until [`forget`](Self::forget). Answers the file if it must be synced.
    pub(crate) fn write(&self, disk: &dyn Disk) -> io::Result<Option<Arc<dyn File>>> {
        self.write_to(disk, &self.path)
    }

    /// As [`write`](Self::write), to another file.
    pub(crate) fn write_to(&self, disk: &dyn Disk, path: &Path) -> io::Result<Option<Arc<dyn File>>> {
        let Some(entries) = &self.memory else { return Ok(None) };
        let mut content = Vec::with_capacity(entries.len() * self.keys.entry());
        for entry in entries {
            self.keys.encode(*entry, &mut content);
        }
        let file = disk.create(path)?;
        file.set_len(content.len() as u64)?;
        file.write_at(&[&content], 0)?;
        Ok(Some(file))
    }

    /// From now on the entries are on disk only.
    pub(crate) fn forget(&mut self) {
        self.memory = None;
    }

    /// The last entry whose key is not above `key`.
    pub(crate) fn floor(&self, disk: &dyn Disk, key: i64) -> io::Result<Option<(i64, u32)>> {
        if let Some(entries) = &self.memory {
            let at = entries.partition_point(|entry| entry.0 <= key);
            return Ok(at.checked_sub(1).map(|at| entries[at]));
        }
        let Some(stored) = self.stored().open(disk)? else { return Ok(None) };
        stored.last_where(|file, bytes, at| file.read_at(bytes, at).map(drop), |entry| entry.0 <= key)
    }

    /// The entries in memory, if they are.
    pub(crate) fn memory(&self) -> Option<&[(i64, u32)]> {
        self.memory.as_deref()
    }

    /// The index on disk, to be searched without the log's lock.
    pub(crate) fn stored(&self) -> IndexOnDisk {
        IndexOnDisk { path: self.path.clone(), keys: self.keys }
    }

    /// The last entry.
    pub(crate) fn last(&self, disk: &dyn Disk) -> io::Result<Option<(i64, u32)>> {
        self.floor(disk, i64::MAX)
    }
}

/// Where a finished index lies.
#[derive(Debug, Clone)]
pub(crate) struct IndexOnDisk {
    path: PathBuf,
    keys: Keys,
}

/// A finished index that is open.
pub(crate) struct StoredIndex {
    file: Arc<dyn File>,
    keys: Keys,
    entries: u64,
}

impl IndexOnDisk {
    /// Opens the file; `None` when there is none.
    pub(crate) fn open(&self, disk: &dyn Disk) -> io::Result<Option<StoredIndex>> {
        let file = match disk.open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let entries = file.len()? / self.keys.entry() as u64;
        Ok(Some(StoredIndex { file, keys: self.keys, entries }))
    }
}

impl StoredIndex {
    /// The last entry of those, at the front, for which `holds` is true. `read` fills a buffer from a position.
    pub(crate) fn last_where<E>(
        &self,
        read: impl Fn(&dyn File, &mut [u8], u64) -> Result<(), E>,
        holds: impl Fn((i64, u32)) -> bool,
    ) -> Result<Option<(i64, u32)>, E> {
        let width = self.keys.entry();
        let entry = |at: u64| -> Result<(i64, u32), E> {
            let mut bytes = [0; 12];
            read(&*self.file, &mut bytes[..width], at * width as u64)?;
            Ok(self.keys.decode(&bytes[..width]))
        };
        let (mut low, mut high) = (0, self.entries);
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(entry(middle)?) { low = middle + 1 } else { high = middle }
        }
        low.checked_sub(1).map(entry).transpose()
    }
}
