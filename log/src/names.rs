//! What Kafka calls its files.

use std::path::{Path, PathBuf};

/// Suffix of record files.
pub const LOG: &str = "log";
/// Suffix of offset indexes.
pub const INDEX: &str = "index";
/// Suffix of time indexes.
pub const TIME_INDEX: &str = "timeindex";
/// Suffix of transaction indexes.
pub const TXN_INDEX: &str = "txnindex";
/// Suffix of producer snapshots.
pub const SNAPSHOT: &str = "snapshot";
/// Added to files that wait to be removed.
pub const DELETED: &str = ".deleted";
/// Added to the files of a compacted segment that is being written.
pub const BEING_CLEANED: &str = ".cleaned";
/// Added to the files of a compacted segment that is whole, and takes the place of others.
pub const SWAP: &str = ".swap";
/// End of directories that wait to be removed.
pub const DELETE_DIR: &str = "-delete";
/// End of directories that were set aside, because no topic claims them.
pub const STRAY_DIR: &str = "-stray";
/// In a partition's directory.
pub const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
/// In a partition's directory: the topic's id.
pub const PARTITION_METADATA: &str = "partition.metadata";
/// In a data directory.
pub const META_PROPERTIES: &str = "meta.properties";
/// In a data directory: offsets up to which logs are flushed.
pub const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
/// In a data directory: first offsets that are not a segment's base.
pub const LOG_STARTS: &str = "log-start-offset-checkpoint";
/// In a data directory: high watermarks.
pub const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
/// In a data directory: offsets up to which compacted logs were cleaned.
pub const CLEANED: &str = "cleaner-offset-checkpoint";
/// In a data directory: written last in a clean stop.
pub const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// In a data directory: held by the running broker.
pub const LOCK: &str = ".lock";

/// `00000000000000000042.log` and its kin.
#[must_use]
pub fn file(dir: &Path, base_offset: i64, suffix: &str) -> PathBuf {
    dir.join(format!("{base_offset:020}.{suffix}"))
}

/// The same file with one of the endings above.
#[must_use]
pub fn ending(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The base offset and suffix of such a name.
#[must_use]
pub fn parse(name: &str) -> Option<(i64, &str)> {
    let (digits, suffix) = name.split_once('.')?;
    let digits_only = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
    digits_only.then(|| digits.parse().ok()).flatten().map(|offset| (offset, suffix))
}

/// `topic-0.<32 hex digits>-delete`.
#[must_use]
pub fn is_deleted_dir(name: &str) -> bool {
    let unique = name.strip_suffix(DELETE_DIR).and_then(|rest| rest.rsplit_once('.'));
    unique.is_some_and(|(_, unique)| unique.len() == 32 && unique.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `topic-0`; the topic's name may hold dashes itself.
#[must_use]
pub fn parse_partition_dir(name: &str) -> Option<(&str, i32)> {
    let (topic, partition) = name.rsplit_once('-')?;
    let partition = partition.parse().ok().filter(|partition: &i32| *partition >= 0)?;
    (!topic.is_empty()).then_some((topic, partition))
}
