use super::{Settings, State};
use ottla_types::Str;
use std::collections::{BTreeMap, BTreeSet};

/// Partitions by topic.
pub type Partitions = BTreeMap<Str, BTreeSet<i32>>;

/// A producer as it names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Producer {
    /// Its id.
    pub id: i64,
    /// Its epoch.
    pub epoch: i16,
}

/// What may be asked of the coordinator of one partition.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Answered with `Reply::Producer` or `Reply::NeedsProducerId`.
    Init(InitProducer),
    /// Answered with `Reply::Done`.
    AddPartitions(AddPartitions),
    /// Answered with `Reply::Verified`.
    Verify(Verify),
    /// Answered with `Reply::Producer` or `Reply::NeedsProducerId`.
    End(EndTransaction),
    /// Whoever writes markers asks for something to do. Answered with `Reply::Work` as soon as there is some; asked
    /// again, the earlier call gets nothing to do.
    AwaitWork,
    /// What became of markers. Answered with `Reply::Done`.
    MarkersWritten(MarkersWritten),
    /// A fresh producer id, when `Work` asked for one. Answered with `Reply::Done`.
    SupplyProducerId(i64),
    /// Answered with `Reply::Describe`, one entry for each id, in order.
    Describe(Vec<Str>),
    /// Answered with `Reply::List`.
    List(ListTransactions),
    /// From now on these settings hold. Answered with `Reply::Done`.
    ChangeSettings(Settings),
}

/// InitProducerId with a transactional id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InitProducer {
    /// The transactional id.
    pub transactional_id: Str,
    /// How long its transactions may stay open.
    pub timeout_ms: i32,
    /// What the producer was until now, when it recovers from an error (KIP-360).
    pub expected: Option<Producer>,
    /// A producer id never given before. The coordinator says when it needs one.
    pub fresh_id: Option<i64>,
}

/// AddPartitionsToTxn, and AddOffsetsToTxn with the partition of the group's offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddPartitions {
    /// The transactional id.
    pub transactional_id: Str,
    /// Who asks.
    pub producer: Producer,
    /// What it is about to write to.
    pub partitions: Partitions,
    /// The transaction version the producer's requests speak.
    pub version: i16,
}

/// AddPartitionsToTxn of a broker that only wants to know whether these partitions are in the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// The transactional id.
    pub transactional_id: Str,
    /// Who writes.
    pub producer: Producer,
    /// Where.
    pub partitions: Partitions,
}

/// EndTxn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndTransaction {
    /// The transactional id.
    pub transactional_id: Str,
    /// Who asks.
    pub producer: Producer,
    /// Commit or abort.
    pub commit: bool,
    /// The transaction version the producer's requests speak.
    pub version: i16,
    /// A producer id never given before. The coordinator says when it needs one.
    pub fresh_id: Option<i64>,
}

/// Markers of one transaction that were written, or could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkersWritten {
    /// The transactional id.
    pub transactional_id: Str,
    /// As the markers said.
    pub job: u64,
    /// Partitions whose marker is replicated, and those that do not exist any more.
    pub written: Partitions,
    /// Whether a partition knows a newer producer or coordinator: then this coordinator has nothing to say any more.
    pub fenced: bool,
}

/// ListTransactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTransactions {
    /// Only these states; empty for all. Names nobody knows have been taken out.
    pub states: Option<BTreeSet<State>>,
    /// Only these producer ids; empty for all.
    pub producer_ids: BTreeSet<i64>,
    /// Only what has been open for longer; negative for all.
    pub longer_than_ms: i64,
}

impl Default for ListTransactions {
    fn default() -> Self {
        Self { states: None, producer_ids: BTreeSet::new(), longer_than_ms: -1 }
    }
}
