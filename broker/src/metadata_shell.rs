//! The shell around the controller: `__cluster_metadata-0` in, commands through, replies and images out.
//!
//! [`MetadataShell`] opens the log and its snapshots, runs the quorum and the controller over them, and publishes an
//! [`Image`](ottla_metadata::Image) for every committed batch. What is decided becomes visible only when it is flushed:
//! first the followers have applied the new image (partitions exist), then readers see it, then replies leave.
//!
//! `journal.rs` says what it needs from a log, `dir.rs` owns the small files beside it, `format.rs` makes a new one.

mod ask;
mod dir;
mod format;
mod journal;
mod load;
mod open;
mod peek;
mod segments;
mod shell;
mod snapshot;

#[cfg(test)]
mod tests;

pub use ask::random_id;
pub use dir::{DirError, MetadataDir, SnapshotId};
pub use format::{FormatError, FormatMetadata, format_metadata};
pub use journal::{JournalError, MetadataLog};
pub use open::{OpenError, OpenMetadata};
pub use peek::PeekedMetadata;
pub use segments::{SegmentLimits, SegmentedLog};
pub use shell::{MetadataFollower, MetadataShell, MetadataUpdate, Stopped};
pub use snapshot::SnapshotPolicy;
