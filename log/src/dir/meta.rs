//! The small files that say whose a directory is: `meta.properties`, `partition.metadata`, the mark of a clean stop.

use std::{
    io,
    path::{Path, PathBuf},
};

use ottla_disk::{Disk, read, write_atomic};
use ottla_mutant::mutant;
use ottla_types::Uuid;

use super::LogDirError;
use crate::names;

/// `meta.properties`, version 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaProperties {
    /// Of the cluster the directory belongs to.
    pub cluster_id: String,
    /// Of the node.
    pub node_id: i32,
    /// Of the directory itself.
    pub directory_id: Uuid,
}

/// Reads `meta.properties`; `None` when there is none.
///
/// # Errors
/// It cannot be read, or lacks something.
pub fn read_meta_properties(disk: &dyn Disk, dir: &Path) -> Result<Option<MetaProperties>, LogDirError> {
    let path = dir.join(names::META_PROPERTIES);
    let content = match read(disk, &path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LogDirError::io(&path)(error)),
    };
    let text = String::from_utf8_lossy(&content).into_owned();
    let property = |name: &str| {
        let found = text.lines().filter_map(|line| line.split_once('=')).find(|(key, _)| key.trim() == name);
        found.map(|(_, value)| value.trim().replace('\\', "")).ok_or_else(|| LogDirError::Mismatch {
            path: path.display().to_string(),
            why: format!("`{name}` is missing"),
        })
    };
    let wrong = |name: &str, value: &str| LogDirError::Mismatch {
        path: path.display().to_string(),
        why: format!("`{name}` is `{value}`, which makes no sense"),
    };
    let version = property("version")?;
    if version == "0" {
        return Err(LogDirError::Mismatch {
            path: path.display().to_string(),
            why:
                "`version` is 0: the directory is that of a broker with ZooKeeper, whose metadata lies there"
                    .into(),
        });
    }
    if version != "1" {
        return Err(wrong("version", &version));
    }
    let node_id = property("node.id")?;
    let directory_id = property("directory.id")?;
    Ok(Some(MetaProperties {
        cluster_id: property("cluster.id")?,
        node_id: node_id.parse().map_err(|_| wrong("node.id", &node_id))?,
        directory_id: directory_id.parse().map_err(|_| wrong("directory.id", &directory_id))?,
    }))
}

/// Writes `meta.properties`, which makes the directory a formatted one.
///
/// # Errors
/// As the disk says.
pub fn write_meta_properties(disk: &dyn Disk, dir: &Path, meta: &MetaProperties) -> io::Result<()> {
    let text = format!(
        "#\ncluster.id={}\ndirectory.id={}\nnode.id={}\nversion=1\n",
        meta.cluster_id, meta.directory_id, meta.node_id
    );
    write_atomic(disk, &dir.join(names::META_PROPERTIES), text.as_bytes())
}

/// The topic's id from a partition's directory; `None` when there is none.
///
/// # Errors
/// It cannot be read, or makes no sense.
pub fn read_partition_metadata(disk: &dyn Disk, dir: &Path) -> io::Result<Option<Uuid>> {
    let content = match read(disk, &dir.join(names::PARTITION_METADATA)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let text = String::from_utf8_lossy(&content);
    let id = text.lines().find_map(|line| line.strip_prefix("topic_id:"));
    id.and_then(|id| id.trim().parse().ok())
        .map(Some)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "partition.metadata holds no topic id"))
}

/// Writes the topic's id into a new partition's directory; the first flush of the log makes it durable.
pub(super) fn write_partition_metadata(disk: &dyn Disk, dir: &Path, topic_id: Uuid) -> io::Result<PathBuf> {
    let text = format!("version: 0\ntopic_id: {topic_id}");
    let path = dir.join(names::PARTITION_METADATA);
    disk.create(&path)?.write_at(&[text.as_bytes()], 0)?;
    Ok(path)
}

/// The mark of a clean stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanShutdown {
    /// The broker's epoch when it stopped; −1 when the file does not say.
    pub broker_epoch: i64,
}

impl CleanShutdown {
    /// Reads the mark without taking it away.
    ///
    /// # Errors
    /// It cannot be read; then nothing may go on, because it would stay there and speak for the next stop.
    pub fn peek(disk: &dyn Disk, dir: &Path) -> io::Result<Option<Self>> {
        let content = match read(disk, &dir.join(names::CLEAN_SHUTDOWN)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let text = String::from_utf8_lossy(&content);
        let digits = text.split("\"brokerEpoch\"").nth(1).and_then(|rest| {
            let number = rest.trim_start_matches([':', ' ', '"']);
            number.split([',', '}', '"']).next()?.trim().parse().ok()
        });
        Ok(Some(Self { broker_epoch: digits.unwrap_or(-1) }))
    }

    /// Reads the mark and takes it away, durably.
    pub(super) fn take(disk: &dyn Disk, dir: &Path) -> io::Result<Option<Self>> {
        let mark = Self::peek(disk, dir)?;
        if mark.is_some() && !mutant!("clean_marker_kept") {
            disk.remove_file(&dir.join(names::CLEAN_SHUTDOWN))?;
            disk.sync_dir(dir)?;
        }
        Ok(mark)
    }

    pub(super) fn write(self, disk: &dyn Disk, dir: &Path) -> io::Result<()> {
        let text = format!("{{\"version\":0,\"brokerEpoch\":{}}}", self.broker_epoch);
        write_atomic(disk, &dir.join(names::CLEAN_SHUTDOWN), text.as_bytes())
    }
}
