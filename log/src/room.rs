//! Space that records leave free.
//!
//! When a disk is full something must still be written to make room: the metadata of a deleted topic, a checkpoint, the
//! index of a finished segment, a vote at the next start. So records stop before the end: what they may not use is there
//! for everything else.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use ottla_disk::Disk;

/// The file system is asked again after this many bytes at the latest: others write to it too.
const ASK_AFTER: i64 = 64 << 20;
/// With less than this, nothing is taken in advance.
const AMPLE: i64 = 4 << 30;
/// On a small file system at most this part is kept free.
const PART: u64 = 8;
/// Records count as taken again once this part of the reserve is free beside it: a log told of every batch that just fits
/// would tell little else.
const BACK: u64 = 8;

/// The room of one data directory.
#[derive(Debug)]
pub struct Room {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// Bytes kept free.
    reserved: u64,
    /// Bytes that may be taken before the file system is asked again.
    left: AtomicI64,
    /// Records were refused, and the log has been told.
    full: AtomicBool,
    /// There is so much that segments may ask for blocks in advance.
    ample: AtomicBool,
}

impl Room {
    /// Keeps `reserved` bytes of the file system free on which `path` lies, but no more than an eighth of it.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, path: &Path, reserved: u64) -> Self {
        Self {
            disk,
            path: path.to_owned(),
            reserved,
            left: AtomicI64::new(0),
            full: AtomicBool::new(false),
            ample: AtomicBool::new(false),
        }
    }

    /// Whether records of this size may be written now.
    pub(crate) fn take(&self, bytes: u64) -> bool {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.left.fetch_sub(bytes, Ordering::Relaxed) >= bytes || self.ask(bytes)
    }

    /// Two that ask at a time may both be granted what is there once: the reserve is larger than what that is about.
    fn ask(&self, bytes: i64) -> bool {
        // A file system that cannot be asked says by itself when it is full.
        let Ok(space) = self.disk.space(&self.path) else { return true };
        let reserved = self.reserved.min(space.total / PART);
        let free = i64::try_from(space.usable.saturating_sub(reserved)).unwrap_or(i64::MAX);
        self.left.store(free.min(ASK_AFTER) - bytes, Ordering::Relaxed);
        self.ample.store(free >= AMPLE, Ordering::Relaxed);
        if free < bytes {
            self.refused();
        } else if space.usable >= reserved + reserved / BACK && self.full.swap(false, Ordering::Relaxed) {
            tracing::info!(path = %self.path.display(), usable = space.usable, "there is space, records are taken again");
        }
        free >= bytes
    }

    /// Whether blocks may be taken that are not needed yet: not where other logs might soon miss them.
    pub(crate) fn is_ample(&self) -> bool {
        self.ample.load(Ordering::Relaxed)
    }

    /// Records did not fit. The log says so once, until there is space again.
    pub(crate) fn refused(&self) {
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!(path = %self.path.display(), reserved = self.reserved, "no space left, records are refused");
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_disk::{Fault, SimDisk};

    use super::*;

    fn room(usable: u64, reserved: u64) -> (SimDisk, Room) {
        let disk = SimDisk::new();
        disk.create_dir_all(Path::new("/d")).expect("a directory");
        let file = disk.create(Path::new("/d/used")).expect("a file");
        file.write_at(&[&vec![0; 8000]], 0).expect("room for it");
        disk.inject(Fault::FullAfter(usable));
        let room = Room::new(Arc::new(disk.clone()), Path::new("/d"), reserved);
        (disk, room)
    }

    #[test]
    fn records_stop_before_the_reserve() {
        let (_, room) = room(2000, 500);
        assert!(room.take(1000));
        assert!(!room.take(1600));
    }

    #[test]
    fn space_that_returns_is_taken_again() {
        let (disk, room) = room(400, 500);
        assert!(!room.take(1));
        assert!(room.full.load(Ordering::Relaxed), "the log was told");
        disk.heal();
        assert!(room.take(1000));
        assert!(!room.full.load(Ordering::Relaxed), "and told again");
    }

    #[test]
    fn a_small_file_system_is_not_kept_free_as_a_whole() {
        let (_, room) = room(2000, 1 << 30);
        assert!(room.take(100));
        assert!(!room.take(1000));
    }
}
