//! A disk that writes down every change, so that a test can stop the world after any of them.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{Disk, Entry, File, SimDisk, Space};

/// One change of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the arguments of the call of the same name")]
pub enum Change {
    /// A file came to be, or was opened for writing.
    Create(PathBuf),
    CreateDir(PathBuf),
    Write {
        path: PathBuf,
        at: u64,
        bytes: Vec<u8>,
    },
    SetLen {
        path: PathBuf,
        length: u64,
    },
    Sync(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    RemoveFile(PathBuf),
    RemoveDir(PathBuf),
    SyncDir(PathBuf),
}

type Journal = Arc<Mutex<Vec<Change>>>;

/// A [`SimDisk`] with a journal of everything that changed it.
#[derive(Debug, Clone, Default)]
pub struct RecordingDisk {
    inner: SimDisk,
    journal: Journal,
}

#[derive(Debug)]
struct RecordedFile {
    path: PathBuf,
    inner: Arc<dyn File>,
    journal: Journal,
}

impl RecordingDisk {
    /// An empty disk with an empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many changes there were.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.journal.lock().len()
    }

    /// The disk as it was after the first `count` changes, with what was synced by then known as synced.
    ///
    /// # Panics
    /// When a recorded change cannot be applied again, which would be a mistake in this crate.
    #[must_use]
    pub fn after(&self, count: usize) -> SimDisk {
        let disk = SimDisk::new();
        for change in self.journal.lock().iter().take(count) {
            apply(&disk, change).expect("a recorded change can be applied again");
        }
        disk
    }

    fn note(&self, change: Change) {
        self.journal.lock().push(change);
    }

    fn wrap(&self, path: &Path, inner: Arc<dyn File>) -> Arc<dyn File> {
        Arc::new(RecordedFile { path: path.to_owned(), inner, journal: Arc::clone(&self.journal) })
    }
}

/// Renames are followed by path: a handle opened before its file was renamed is replayed by the name of that time,
/// so the journal resolves handles when it writes, not when it opens.
fn apply(disk: &SimDisk, change: &Change) -> io::Result<()> {
    match change {
        Change::Create(path) => disk.create(path).map(|_| ()),
        Change::CreateDir(path) => disk.create_dir_all(path),
        Change::Write { path, at, bytes } => disk.create(path)?.write_at(&[bytes], *at),
        Change::SetLen { path, length } => disk.create(path)?.set_len(*length),
        Change::Sync(path) => disk.create(path)?.sync(),
        Change::Rename { from, to } => disk.rename(from, to),
        Change::RemoveFile(path) => disk.remove_file(path),
        Change::RemoveDir(path) => disk.remove_dir_all(path),
        Change::SyncDir(path) => disk.sync_dir(path),
    }
}

impl File for RecordedFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }

    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()> {
        self.inner.write_at(parts, offset)?;
        self.journal.lock().push(Change::Write {
            path: self.path.clone(),
            at: offset,
            bytes: parts.concat(),
        });
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.inner.set_len(length)?;
        self.journal.lock().push(Change::SetLen { path: self.path.clone(), length });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.inner.sync()?;
        self.journal.lock().push(Change::Sync(self.path.clone()));
        Ok(())
    }
}

impl Disk for RecordingDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.inner.open(path).map(|file| self.wrap(path, file))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let existed = self.inner.exists(path);
        let file = self.inner.create(path)?;
        if !existed {
            self.note(Change::Create(path.to_owned()));
        }
        Ok(self.wrap(path, file))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.inner.create_dir_all(path)?;
        self.note(Change::CreateDir(path.to_owned()));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.inner.list(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.inner.exists(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)?;
        self.note(Change::Rename { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.inner.remove_file(path)?;
        self.note(Change::RemoveFile(path.to_owned()));
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.inner.remove_dir_all(path)?;
        self.note(Change::RemoveDir(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.inner.sync_dir(path)?;
        self.note(Change::SyncDir(path.to_owned()));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        self.inner.lock(path)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.inner.space(path)
    }
}
