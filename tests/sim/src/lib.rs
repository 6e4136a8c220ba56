//! Logs and whole brokers on a simulated disk.
//!
//! `logs` runs a script on two partitions of a data directory and says what must be true after a crash; `broker` does the
//! same with a whole broker, which is asked by requests, without sockets or threads. `enumerate` crashes such a run at
//! every change of the disk in every way, recovers, crashes the recovery at every change, and checks. `compaction` is the
//! life of one compacted partition, beside a model of what its readers must see. `damage` harms the files of a stopped
//! directory. Everything follows from one number, which a failure prints.

#![forbid(unsafe_code)]

pub mod batches;
pub mod broker;
pub mod compaction;
pub mod damage;
pub mod enumerate;
pub mod indexes;
pub mod logs;
pub mod scale;
