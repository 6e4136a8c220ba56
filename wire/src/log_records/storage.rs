// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Producer snapshots and remote log metadata.

pub mod producer_snapshot;
pub mod remote_log_segment_metadata_record;
pub mod remote_log_segment_metadata_snapshot_record;
pub mod remote_log_segment_metadata_update_record;
pub mod remote_partition_delete_metadata_record;
