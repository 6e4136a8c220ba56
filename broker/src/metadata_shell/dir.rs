use bytes::Bytes;
use ottla_disk::{Disk, read, write_atomic};
use ottla_metadata::{Checkpoint, CheckpointError};
use ottla_mutant::mutant;
use ottla_quorum::{ElectionState, ParseElectionStateError};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The directory of the metadata log inside a log directory.
const TOPIC_DIR: &str = "__cluster_metadata-0";
const BOOTSTRAP: &str = "bootstrap.checkpoint";
const QUORUM_STATE: &str = "quorum-state";
const SUFFIX: &str = ".checkpoint";

/// Which snapshot: everything before `end_offset`, whose last record has `epoch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotId {
    /// Offset after the last record contained.
    pub end_offset: i64,
    /// Leader epoch of that record.
    pub epoch: i32,
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{:010}", self.end_offset, self.epoch)
    }
}

impl SnapshotId {
    /// From a file name such as `00000000000000000042-0000000003.checkpoint`.
    fn from_file_name(name: &str) -> Option<Self> {
        let (offset, epoch) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
        if offset.len() != 20 || epoch.len() != 10 || !digits(offset) || !digits(epoch) {
            return None;
        }
        Some(Self { end_offset: offset.parse().ok()?, epoch: epoch.parse().ok()? })
    }
}

/// A small file beside the metadata log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DirError {
    /// The disk.
    #[error("{path}: {cause}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A snapshot that cannot be understood.
    #[error("{path}: {cause}")]
    Checkpoint {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        cause: CheckpointError,
    },
    /// A `quorum-state` that cannot be understood.
    #[error("{path}: {cause}")]
    QuorumState {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        cause: ParseElectionStateError,
    },
}

/// The files of the metadata log other than its segments: snapshots, `quorum-state`, `bootstrap.checkpoint`.
#[derive(Debug, Clone)]
pub struct MetadataDir {
    disk: Arc<dyn Disk>,
    log_dir: PathBuf,
}

impl MetadataDir {
    /// In this log directory (`metadata.log.dir`, else the first of `log.dirs`).
    pub fn new(disk: Arc<dyn Disk>, log_dir: impl Into<PathBuf>) -> Self {
        Self { disk, log_dir: log_dir.into() }
    }

    /// Where the segments are.
    #[must_use]
    pub fn topic_dir(&self) -> PathBuf {
        self.log_dir.join(TOPIC_DIR)
    }

    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    pub(super) fn create(&self) -> Result<(), DirError> {
        let path = self.topic_dir();
        self.disk.create_dir_all(&path).map_err(|cause| DirError::Io { path, cause })
    }

    /// The records an empty log begins with; `None` without the file.
    pub(super) fn bootstrap(&self) -> Result<Option<Checkpoint>, DirError> {
        self.checkpoint(&self.log_dir.join(BOOTSTRAP))
    }

    pub(super) fn write_bootstrap(&self, file: &Bytes) -> Result<(), DirError> {
        self.write(&self.log_dir.join(BOOTSTRAP), file)
    }

    pub(super) fn election_state(&self) -> Result<Option<ElectionState>, DirError> {
        let path = self.topic_dir().join(QUORUM_STATE);
        let Some(text) = self.read(&path)? else { return Ok(None) };
        ElectionState::parse(&text).map(Some).map_err(|cause| DirError::QuorumState { path, cause })
    }

    pub(super) fn store_election_state(&self, state: &ElectionState) -> Result<(), DirError> {
        self.write(&self.topic_dir().join(QUORUM_STATE), state.to_json().as_bytes())
    }

    /// Every snapshot, oldest first.
    pub(super) fn snapshots(&self) -> Result<Vec<SnapshotId>, DirError> {
        let path = self.topic_dir();
        let entries = match self.disk.list(&path) {
            // Formatted with static voters and never started.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|cause| DirError::Io { path, cause })?,
        };
        let mut ids: Vec<_> =
            entries.iter().filter_map(|entry| SnapshotId::from_file_name(&entry.name)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    pub(super) fn snapshot(&self, id: SnapshotId) -> Result<Option<Checkpoint>, DirError> {
        self.checkpoint(&self.snapshot_path(id))
    }

    /// Bytes of a snapshot.
    pub(super) fn snapshot_size(&self, id: SnapshotId) -> Result<u64, DirError> {
        let path = self.snapshot_path(id);
        let size = self.disk.open(&path).and_then(|file| file.len());
        size.map_err(|cause| DirError::Io { path, cause })
    }

    pub(super) fn write_snapshot(&self, id: SnapshotId, file: &Bytes) -> Result<(), DirError> {
        if mutant!("metadata_snapshot_without_sync") {
            let path = self.snapshot_path(id);
            let written = self.disk.create(&path).and_then(|made| made.write_at(&[file], 0));
            return written.map_err(|cause| DirError::Io { path, cause });
        }
        self.write(&self.snapshot_path(id), file)
    }

    pub(super) fn remove_snapshot(&self, id: SnapshotId) -> Result<(), DirError> {
        let path = self.snapshot_path(id);
        self.disk.remove_file(&path).map_err(|cause| DirError::Io { path, cause })
    }

    fn snapshot_path(&self, id: SnapshotId) -> PathBuf {
        self.topic_dir().join(format!("{id}{SUFFIX}"))
    }

    fn checkpoint(&self, path: &Path) -> Result<Option<Checkpoint>, DirError> {
        let Some(file) = self.read(path)? else { return Ok(None) };
        let checkpoint = Checkpoint::decode(file.into());
        checkpoint.map(Some).map_err(|cause| DirError::Checkpoint { path: path.to_owned(), cause })
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, DirError> {
        match read(&*self.disk, path) {
            Ok(content) => Ok(Some(content)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(DirError::Io { path: path.to_owned(), cause }),
        }
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), DirError> {
        write_atomic(&*self.disk, path, content)
            .map_err(|cause| DirError::Io { path: path.to_owned(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshot_names_are_kafkas() {
        let id = SnapshotId { end_offset: 42, epoch: 3 };
        assert_eq!(id.to_string(), "00000000000000000042-0000000003");
        assert_eq!(SnapshotId::from_file_name("00000000000000000042-0000000003.checkpoint"), Some(id));
        for name in
            ["bootstrap.checkpoint", "00000000000000000042-0000000003.checkpoint.tmp", "4-3.checkpoint"]
        {
            assert_eq!(SnapshotId::from_file_name(name), None, "{name}");
        }
    }
}
