//! Partition logs in Kafka's file formats: append, read, roll, retain, recover.
//!
//! [`Log`] is one partition: segments on a [`Disk`](ottla_disk::Disk), with the producer table and the epoch cache that
//! can be recomputed from them. [`LogDir`] is one data directory with all its partitions and checkpoints. [`Flusher`] is
//! the thread that makes appends durable, many at a time, and the one that lets the disk begin with the others.
//!
//! Architecture invariants: nothing here reads a clock or knows an RPC; every byte goes through `ottla-disk`; an append
//! is one write and never waits; data in memory that fails its checksum is never handed out.

#![forbid(unsafe_code)]

#[cfg(test)]
mod asked;
mod checkpoint;
mod clean;
mod config;
mod dir;
mod failure;
mod flusher;
mod log;
pub mod names;
mod peek;
mod room;
mod segment;
mod snapshot;

pub use checkpoint::{CheckpointError, read_epochs, read_offsets, write_epochs, write_offsets};
pub use clean::{CleanError, Cleaned, CleanerMemory, Cleaning, CleaningDone, Pace, Replace};
pub use config::LogConfig;
pub use dir::{
    Checkpointed, CleanShutdown, Ended, LogDir, LogDirError, MetaProperties, Opened, PartitionLog,
    TopicPartition, read_meta_properties, read_partition_metadata, write_meta_properties,
};
pub use flusher::{FlushTarget, Flusher};
pub use log::{
    AppendError, Appended, Cleanable, FlushError, FlushWork, Flushed, Found, Log, LogRead, OpenLog,
    OpenLogError, Patience, Piece, ReadError, ReadLimits, ReadPlan, Stored, TimestampOffset, batch_meta,
};
pub use peek::{PeekedDamage, PeekedLog, size_of_log};
pub use room::Room;
pub use segment::AbortedTxn;
