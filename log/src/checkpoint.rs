//! Kafka's checkpoint files: a version line, a count line, then one line per entry.

use std::{collections::BTreeMap, fmt::Write, io, path::Path};

use ottla_disk::{Disk, read, write_atomic};
use ottla_replication::epochs::EpochEntry;

use crate::TopicPartition;

/// Why a checkpoint cannot be used; what it holds must then be found out from the logs.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file makes no sense.
    #[error("{path}: malformed line `{line}`")]
    Malformed {
        /// Which file.
        path: String,
        /// What stands there.
        line: String,
    },
}

/// Offsets by partition; empty when there is no file.
///
/// # Errors
/// The file cannot be read, or makes no sense.
pub fn read_offsets(disk: &dyn Disk, path: &Path) -> Result<BTreeMap<TopicPartition, i64>, CheckpointError> {
    if disk.open(path).and_then(|file| file.is_empty()).is_ok_and(|empty| empty) {
        // As Kafka makes it before there is anything to say.
        return Ok(BTreeMap::new());
    }
    lines(disk, path)?
        .iter()
        .map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let parsed = match fields[..] {
                [topic, partition, offset] => {
                    partition.parse().ok().zip(offset.parse().ok()).map(|(partition, offset)| {
                        (TopicPartition { topic: topic.to_owned(), partition }, offset)
                    })
                }
                _ => None,
            };
            parsed.ok_or_else(|| malformed(path, line))
        })
        .collect()
}

/// Replaces a file of offsets.
///
/// # Errors
/// The file cannot be written; the old one stands.
pub fn write_offsets<'a>(
    disk: &dyn Disk,
    path: &Path,
    offsets: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
) -> Result<(), CheckpointError> {
    let lines = offsets.into_iter().map(|(at, offset)| format!("{} {} {offset}", at.topic, at.partition));
    replace(disk, path, &text(lines.collect()))
}

/// Leader epochs of one partition; empty when there is no file.
///
/// # Errors
/// The file cannot be read, or makes no sense.
pub fn read_epochs(disk: &dyn Disk, path: &Path) -> Result<Vec<EpochEntry>, CheckpointError> {
    lines(disk, path)?
        .iter()
        .map(|line| {
            let parsed = line.split_once(' ').and_then(|(epoch, start)| {
                Some(EpochEntry { epoch: epoch.parse().ok()?, start_offset: start.trim().parse().ok()? })
            });
            parsed.ok_or_else(|| malformed(path, line))
        })
        .collect()
}

/// Replaces a partition's file of leader epochs.
///
/// # Errors
/// The file cannot be written; the old one stands.
pub fn write_epochs(disk: &dyn Disk, path: &Path, epochs: &[EpochEntry]) -> Result<(), CheckpointError> {
    replace(disk, path, &epochs_text(epochs))
}

/// What the file of a partition's leader epochs holds.
pub(crate) fn epochs_text(epochs: &[EpochEntry]) -> String {
    text(epochs.iter().map(|entry| format!("{} {}", entry.epoch, entry.start_offset)).collect())
}

fn malformed(path: &Path, line: &str) -> CheckpointError {
    CheckpointError::Malformed { path: path.display().to_string(), line: line.to_owned() }
}

fn lines(disk: &dyn Disk, path: &Path) -> Result<Vec<String>, CheckpointError> {
    let content = match read(disk, path) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(CheckpointError::Io { path: path.display().to_string(), source }),
    };
    let text = String::from_utf8(content).map_err(|_| malformed(path, "bytes that are not text"))?;
    let mut lines = text.lines();
    let version = lines.next().unwrap_or_default();
    if version != "0" {
        return Err(malformed(path, version));
    }
    let count = lines.next().unwrap_or_default();
    let entries: Vec<String> = lines.map(str::to_owned).collect();
    if count.parse() == Ok(entries.len()) { Ok(entries) } else { Err(malformed(path, count)) }
}

fn text(lines: Vec<String>) -> String {
    let mut text = format!("0\n{}\n", lines.len());
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn replace(disk: &dyn Disk, path: &Path, text: &str) -> Result<(), CheckpointError> {
    write_atomic(disk, path, text.as_bytes())
        .map_err(|source| CheckpointError::Io { path: path.display().to_string(), source })
}
