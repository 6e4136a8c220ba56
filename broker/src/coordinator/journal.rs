use std::future::Future;

use bytes::Bytes;
use ottla_coordinator::{Machine, group::KeyValue};
use ottla_types::Millis;
use ottla_wire::{DecodeError, EncodeError};

/// One record as it is read back from a machine's log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// A key and a value; `producer_id` is set inside transactions.
    Data { key: Bytes, value: Option<Bytes>, producer_id: Option<i64> },
    /// A transaction's end marker.
    TransactionEnd { producer_id: i64, committed: bool },
}

/// A piece of a machine's log.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) entries: Vec<Entry>,
    /// Where the next read begins.
    pub(crate) next_offset: i64,
}

/// The log cannot be used here and now: leadership has moved, the disk is broken, replicas are missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JournalError {
    /// This broker does not lead the partition (any more).
    #[error("this broker does not lead the partition")]
    NotLeader,
    /// Anything else; it has been logged where it happened.
    #[error("{0}")]
    Failed(String),
}

/// What a batch of a machine's records is besides its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// Nothing.
    Plain,
    /// Part of a producer's open transaction.
    Transactional {
        /// Id and epoch.
        producer: (i64, i16),
    },
    /// The end of a producer's transaction: a control batch, without records of the machine.
    Marker {
        /// Id, and the epoch the marker says.
        producer: (i64, i16),
        /// Commit or abort.
        commit: bool,
        /// Of the coordinator that decided.
        coordinator_epoch: i32,
    },
}

/// The log a machine lives in: one partition of an internal topic.
pub(crate) trait Journal: Send + Sync + 'static {
    /// Its name for log lines.
    fn name(&self) -> String;

    /// Appends the records as one batch and returns the offset after it.
    fn append(&self, records: &[KeyValue], envelope: Envelope, now: Millis) -> Result<i64, JournalError>;

    /// Everything before this offset is committed.
    fn committed(&self) -> i64;

    /// Resolves when `offset` and all before it are committed, or the journal is closed.
    fn until_committed(&self, offset: i64) -> impl Future<Output = ()> + Send;

    /// The first offset that can be read and the one after the last record.
    fn bounds(&self) -> (i64, i64);

    /// Reads some records from `offset` on, at least one batch where there is one.
    fn read(&self, offset: i64) -> impl Future<Output = Result<Chunk, JournalError>> + Send;
}

/// A machine whose records can stand in a journal.
pub(crate) trait Journaled:
    Machine<Command: Send, Reply: Send, Record: Send> + Send + 'static
{
    /// What all coordinators of a kind share: settings, what is known of the cluster.
    type Context: Send + Sync + 'static;

    /// An empty machine, ready to replay.
    fn fresh(context: &Self::Context) -> Self;

    /// What the records of a command's step travel in.
    fn envelope(command: &Self::Command) -> Envelope {
        let _ = command;
        Envelope::Plain
    }

    /// Whether the answer may wait for other callers, so that no timeout of the log applies.
    fn waits_for_others(command: &Self::Command) -> bool {
        let _ = command;
        false
    }

    /// Key and value; `None` for records that are only ever read.
    fn encode(record: &Self::Record) -> Result<Option<KeyValue>, EncodeError>;

    /// The record an entry is.
    fn decode(entry: &Entry) -> Result<Self::Record, DecodeError>;
}
