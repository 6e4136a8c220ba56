//! Looking at a log without touching it: nothing is made, cut, removed or locked.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use ottla_disk::Disk;
use ottla_records::BatchError;

use crate::{
    names,
    segment::{Damage, Scanned, is_anything_sound},
};

/// Bytes handed out at a time; a batch is never divided.
const CHUNK: u64 = 1 << 20;

/// A log as its files stand, every batch of it verified.
#[derive(Debug)]
pub struct PeekedLog {
    disk: Arc<dyn Disk>,
    start: i64,
    end: i64,
    last_epoch: Option<i32>,
    chunks: Vec<Chunk>,
    damage: Option<PeekedDamage>,
}

/// Where a log stops being sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeekedDamage {
    /// The file.
    pub path: PathBuf,
    /// The byte.
    pub position: u64,
    /// What stands there.
    pub why: BatchError,
    /// Sound records follow, so it is no torn tail and the log cannot be opened.
    pub inside: bool,
}

#[derive(Debug)]
struct Chunk {
    path: PathBuf,
    position: u64,
    length: u64,
    /// After its last record.
    next: i64,
}

impl PeekedLog {
    /// Reads every batch of the log in `dir`; a directory that does not exist is an empty log.
    ///
    /// # Errors
    /// As the disk says.
    pub fn of(disk: &Arc<dyn Disk>, dir: &Path) -> io::Result<Self> {
        let bases = record_files(&**disk, dir)?;
        let start = bases.first().copied().unwrap_or_default();
        let mut log = Self {
            disk: Arc::clone(disk),
            start,
            end: start,
            last_epoch: None,
            chunks: Vec::new(),
            damage: None,
        };
        for (at, base) in bases.iter().enumerate() {
            if let Some(damage) = log.walk(&names::file(dir, *base, names::LOG))? {
                log.damage = Some(log.judge(dir, &bases[at..], damage)?);
                break;
            }
        }
        Ok(log)
    }

    /// The base offset of the first file, and the offset after the last sound record.
    #[must_use]
    pub const fn bounds(&self) -> (i64, i64) {
        (self.start, self.end)
    }

    /// Leader epoch of the last batch; `None` for an empty log.
    #[must_use]
    pub const fn last_epoch(&self) -> Option<i32> {
        self.last_epoch
    }

    /// Bytes of its sound batches.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.length).sum()
    }

    /// Where it stops being sound before its files end.
    #[must_use]
    pub const fn damage(&self) -> Option<&PeekedDamage> {
        self.damage.as_ref()
    }

    /// Whole batches, the one with the record at `offset` among them; empty behind the end.
    ///
    /// # Errors
    /// As the disk says.
    pub fn read(&self, offset: i64) -> io::Result<Bytes> {
        let at = self.chunks.partition_point(|chunk| chunk.next <= offset);
        self.chunks.get(at).map_or_else(|| Ok(Bytes::new()), |chunk| self.bytes(chunk))
    }

    /// All batches, some at a time.
    pub fn chunks(&self) -> impl Iterator<Item = io::Result<Bytes>> + '_ {
        self.chunks.iter().map(|chunk| self.bytes(chunk))
    }

    fn bytes(&self, chunk: &Chunk) -> io::Result<Bytes> {
        let length = usize::try_from(chunk.length).map_err(io::Error::other)?;
        let mut bytes = BytesMut::zeroed(length);
        let read = self.disk.open(&chunk.path)?.read_at(&mut bytes, chunk.position)?;
        bytes.truncate(read);
        Ok(bytes.freeze())
    }

    fn walk(&mut self, path: &Path) -> io::Result<Option<Damage>> {
        let file = self.disk.open(path)?;
        let length = file.len()?;
        let mut scanned = Scanned::new(file, 0, length);
        let mut new_file = true;
        loop {
            let (position, batch) = match scanned.next()? {
                Ok(Some(found)) => found,
                Ok(None) => return Ok(None),
                Err(damage) => return Ok(Some(damage)),
            };
            let header = batch.header();
            if header.base_offset < self.end {
                return Ok(Some(Damage { position, why: BatchError::Malformed("offsets go back") }));
            }
            let (size, next) = (batch.bytes().len() as u64, header.next_offset());
            match self.chunks.last_mut() {
                Some(chunk) if !new_file && chunk.length + size <= CHUNK => {
                    chunk.length += size;
                    chunk.next = next;
                }
                _ => self.chunks.push(Chunk { path: path.to_owned(), position, length: size, next }),
            }
            new_file = false;
            self.end = next;
            self.last_epoch = Some(header.partition_leader_epoch);
        }
    }

    fn judge(&self, dir: &Path, bases: &[i64], damage: Damage) -> io::Result<PeekedDamage> {
        let mut inside = false;
        for (at, base) in bases.iter().enumerate() {
            let file = self.disk.open(&names::file(dir, *base, names::LOG))?;
            let from = if at == 0 { damage.position + 1 } else { 0 };
            inside |= is_anything_sound(&file, from, self.end)?;
        }
        let path = names::file(dir, bases[0], names::LOG);
        Ok(PeekedDamage { path, position: damage.position, why: damage.why, inside })
    }
}

/// The base offsets of the record files in a directory, ascending.
fn record_files(disk: &dyn Disk, dir: &Path) -> io::Result<Vec<i64>> {
    let entries = match disk.list(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let files = entries.iter().filter(|entry| !entry.is_dir);
    let mut bases: Vec<i64> = files
        .filter_map(|entry| names::parse(&entry.name))
        .filter(|(_, suffix)| *suffix == names::LOG)
        .map(|(base, _)| base)
        .collect();
    bases.sort_unstable();
    Ok(bases)
}

/// How much the record files of a directory hold: how many there are, and their bytes.
///
/// # Errors
/// As the disk says.
pub fn size_of_log(disk: &dyn Disk, dir: &Path) -> io::Result<(usize, u64)> {
    let bases = record_files(disk, dir)?;
    let mut bytes = 0;
    for base in &bases {
        bytes += disk.open(&names::file(dir, *base, names::LOG))?.len()?;
    }
    Ok((bases.len(), bytes))
}
