/// Which part this replica plays, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Knows an epoch, no leader.
    Unattached,
    /// Voted for itself in its epoch; the vote is being made durable.
    Candidate,
    /// Won; the leadership is being made durable, or the epoch runs.
    Leader(Leader),
    /// Led this epoch and stopped: after a restart or at shutdown. An epoch once given up is never led again.
    Resigned,
}

/// What a leader keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leader {
    /// Where the epoch begins in the log: the offset of its LeaderChange record. `None` until that is appended.
    pub epoch_start: Option<i64>,
}

/// The state's name, as DescribeQuorum and the metrics show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// No leader known.
    Unattached,
    /// Asking for votes.
    Candidate,
    /// Leading.
    Leader,
    /// Gave leadership up.
    Resigned,
}

impl Role {
    /// Kafka's name of the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unattached => "unattached",
            Self::Candidate => "candidate",
            Self::Leader => "leader",
            Self::Resigned => "resigned",
        }
    }
}

impl State {
    /// The state without its data.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Unattached => Role::Unattached,
            Self::Candidate => Role::Candidate,
            Self::Leader(_) => Role::Leader,
            Self::Resigned => Role::Resigned,
        }
    }
}
