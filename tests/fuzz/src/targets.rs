//! All decoders.

mod batches;
mod files;
mod logs;
mod messages;
mod metadata;

use crate::Target;

/// In the order of the layers.
pub const ALL: &[Target] = &[
    messages::REQUESTS,
    messages::RESPONSES,
    messages::LOG_RECORDS,
    messages::HEADERS,
    messages::METADATA_RECORD,
    messages::GROUP_RECORD,
    messages::SUBSCRIPTION,
    batches::BATCHES,
    batches::PRODUCE,
    batches::GZIP,
    batches::SNAPPY,
    batches::LZ4,
    batches::ZSTD,
    metadata::METADATA_LOG,
    metadata::METADATA_SNAPSHOT,
    files::CHECKPOINTS,
    files::SMALL_FILES,
    files::PROPERTIES,
    logs::PARTITION,
];

/// The target of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}
