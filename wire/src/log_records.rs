// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! The records Kafka keeps its own state in: metadata log, coordinators' topics, control batches, files.

pub mod control;
pub mod group;
pub mod metadata;
pub mod metadata_record;
pub mod raft;
pub mod share;
pub mod storage;
pub mod streams;
pub mod transaction;
