use super::{Partitions, Producer, State};
use ottla_types::{ErrorCode, Str};

/// What the coordinator answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// What the producer is from now on.
    Producer(Result<Producer, ErrorCode>),
    /// Ask again with a producer id that was never given before.
    NeedsProducerId,
    /// Done, or why not.
    Done(ErrorCode),
    /// Which partitions are in the transaction.
    Verified(Verified),
    /// What to do.
    Work(Work),
    /// Transactions, or the error of each.
    Describe(Vec<(Str, Result<DescribedTransaction, ErrorCode>)>),
    /// By transactional id.
    List(Vec<ListedTransaction>),
}

/// Whether partitions are part of the transaction a producer believes to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// The same for all: the producer is not who it says, or its transaction is ending.
    Refused(ErrorCode),
    /// By partition.
    Each(Vec<(Str, i32, ErrorCode)>),
}

/// What a coordinator wants done outside of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Work {
    /// Markers to write. Each is answered with `MarkersWritten`.
    pub markers: Vec<Markers>,
    /// A transaction that has timed out is at the last epoch of its producer id.
    pub needs_producer_id: bool,
}

/// The end of one transaction, to be written to each of its partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markers {
    /// Tells these from the markers of other transactions of the id; goes into the answer.
    pub job: u64,
    /// Whose.
    pub transactional_id: Str,
    /// What the markers say.
    pub producer: Producer,
    /// Commit or abort.
    pub commit: bool,
    /// The transaction version of the transaction's end (KIP-1228).
    pub version: i16,
    /// Where they are still missing.
    pub partitions: Partitions,
}

/// DescribeTransactions, of one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedTransaction {
    /// Where it stands.
    pub state: State,
    /// How long a transaction may stay open.
    pub timeout_ms: i32,
    /// When the transaction began, −1 without one.
    pub start_ms: i64,
    /// The producer.
    pub producer: Producer,
    /// The partitions of the transaction; while it ends, those whose marker is missing.
    pub partitions: Partitions,
}

/// ListTransactions, of one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTransaction {
    /// The id.
    pub transactional_id: Str,
    /// Its producer.
    pub producer_id: i64,
    /// Where it stands.
    pub state: State,
}
