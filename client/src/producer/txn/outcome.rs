use ottla_types::ErrorCode;

/// Why a transaction cannot be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A coordinator or a partition's leader refuses.
    Refused(ErrorCode),
    /// A batch was not delivered in time.
    Undelivered,
    /// Partitions were given up whose records are in it.
    GivenUp,
    /// It could not be ended in time, and has not been asked for.
    TimedOut,
}

/// Why there will be no transaction any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fatal {
    /// Another producer has the transactional id.
    Fenced,
    Refused(ErrorCode),
    Unsupported,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Committed,
    /// Because that was wanted.
    Aborted,
    /// A commit that became an abort.
    Failed(Trouble),
    /// Nobody has said in time; it is still asked for.
    InDoubt,
    Over(Fatal),
}
