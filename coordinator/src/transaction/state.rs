/// Where a transactional id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No transaction since the producer was initialized.
    Empty,
    /// A transaction is open.
    Ongoing,
    /// Decided to commit; markers are being written.
    PrepareCommit,
    /// Decided to abort; markers are being written.
    PrepareAbort,
    /// Committed, every marker is written.
    CompleteCommit,
    /// Aborted, every marker is written.
    CompleteAbort,
    /// About to be forgotten. Never in the log.
    Dead,
    /// A producer is being fenced. Never in the log.
    PrepareEpochFence,
}

impl State {
    /// Every state, by its number in the log.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
        Self::Dead,
        Self::PrepareEpochFence,
    ];

    /// Its number in the log.
    #[must_use]
    pub fn id(self) -> i8 {
        self as i8
    }

    /// The state of a number in the log.
    #[must_use]
    pub fn from_id(id: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// Kafka's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
            Self::Dead => "Dead",
            Self::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The state a transaction goes through to its end.
    pub(super) fn prepare(commit: bool) -> Self {
        if commit { Self::PrepareCommit } else { Self::PrepareAbort }
    }

    /// Whether markers are being written.
    pub(super) fn is_ending(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }

    /// Whether there is no transaction: ids in these states may expire.
    pub(super) fn is_idle(self) -> bool {
        matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort)
    }

    /// Which states may stand before this one in the log of a transactional id.
    #[must_use]
    pub fn may_follow(self, before: Self) -> bool {
        match self {
            Self::Empty => before.is_idle(),
            Self::Ongoing => before == Self::Ongoing || before.is_idle(),
            Self::PrepareCommit => before == Self::Ongoing,
            // With transaction version 2 an abort is allowed without any partition.
            Self::PrepareAbort => before == Self::Ongoing || before.is_idle(),
            Self::CompleteCommit => before == Self::PrepareCommit,
            Self::CompleteAbort => before == Self::PrepareAbort,
            Self::Dead | Self::PrepareEpochFence => false,
        }
    }
}
