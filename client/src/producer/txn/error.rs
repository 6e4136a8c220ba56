use ottla_types::{ErrorCode, Str};

use super::outcome::{Fatal, Trouble};
use crate::SendError;

/// Why a transaction did not do what it was asked for, and what is left to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TxnError {
    /// Fatal: another producer has begun with the same transactional id. What this one had open is aborted.
    #[error(
        "transactional id `{id}`: another producer has begun with it; this one is over, start no second with the same id"
    )]
    Fenced {
        /// The transactional id.
        id: Str,
    },
    /// Fatal: the coordinator refuses for good.
    #[error("transactional id `{id}`: {code}; this producer is over")]
    Refused {
        /// The transactional id.
        id: Str,
        /// Kafka's code.
        code: ErrorCode,
    },
    /// Fatal: the broker serves no transactions this client knows.
    #[error("transactional id `{id}`: the broker is too old for transactions")]
    Unsupported {
        /// The transactional id.
        id: Str,
    },
    /// The transaction cannot be committed and is aborted: begin another and do the same again.
    #[error("the transaction of `{id}` is aborted: {why}; begin another and do the same again")]
    Aborted {
        /// The transactional id.
        id: Str,
        /// What went wrong.
        why: Undone,
    },
    /// The commit was asked for, and no answer came in time: it may have been done or not. The producer goes on asking, and
    /// the next transaction begins only after it knows. [`was_committed`](crate::TxnProducer::was_committed) tells.
    #[error(
        "the transaction of `{id}` may be committed or not: nobody has answered in time; was_committed tells later"
    )]
    PossiblyCommitted {
        /// The transactional id.
        id: Str,
    },
    /// The coordinator could not be reached in time, or is busy; try again.
    #[error("the transaction coordinator of `{id}` has not answered in time; try again")]
    TimedOut {
        /// The transactional id.
        id: Str,
    },
    /// A record was not taken, or not delivered.
    #[error(transparent)]
    Record(#[from] SendError),
    /// Options that do not go together.
    #[error(transparent)]
    Options(#[from] crate::InvalidOption),
}

/// Why a transaction cannot be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// A broker refuses a record, a partition, a group or its offsets.
    #[error("{0}")]
    Refused(ErrorCode),
    /// A record was not delivered in time.
    #[error("a record was not delivered in time")]
    Undelivered,
    /// The consumer has given up partitions whose records are in the transaction: another member reads them again.
    #[error("the group has given partitions to another member meanwhile")]
    GivenUp,
    /// Not everything could be delivered before the commit's time was over.
    #[error("the commit's time was over before it could be asked for")]
    TimedOut,
}

impl TxnError {
    /// Whether this producer is over: only a new one may help.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Fenced { .. } | Self::Refused { .. } | Self::Unsupported { .. } | Self::Options(_)
        )
    }

    /// Whether the transaction is to be given up and done again in another one.
    #[must_use]
    pub const fn requires_abort(&self) -> bool {
        match self {
            Self::Aborted { .. } => true,
            // Of the others the next try would say the same.
            Self::Record(error) => {
                matches!(error, SendError::Aborted | SendError::TimedOut { .. } | SendError::Refused { .. })
            }
            _ => false,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retriable(&self) -> bool {
        matches!(self, Self::TimedOut { .. })
    }

    /// Whether the transaction may have been committed although nobody says so.
    #[must_use]
    pub const fn is_possibly_committed(&self) -> bool {
        matches!(self, Self::PossiblyCommitted { .. })
    }

    pub(super) fn fatal(id: &Str, fatal: Fatal) -> Self {
        let id = id.clone();
        match fatal {
            Fatal::Fenced => Self::Fenced { id },
            Fatal::Refused(code) => Self::Refused { id, code },
            Fatal::Unsupported => Self::Unsupported { id },
        }
    }

    pub(super) fn aborted(id: &Str, trouble: Trouble) -> Self {
        Self::Aborted { id: id.clone(), why: trouble.into() }
    }
}

impl From<Trouble> for Undone {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(code) => Self::Refused(code),
            Trouble::Undelivered => Self::Undelivered,
            Trouble::GivenUp => Self::GivenUp,
            Trouble::TimedOut => Self::TimedOut,
        }
    }
}

impl Undone {
    /// Whether the same may go well in another transaction. What a broker refuses because of what it is, it refuses again.
    pub(crate) fn may_pass(self) -> bool {
        match self {
            Self::Refused(code) => code.is_retriable() || is_about_standing(code),
            Self::Undelivered | Self::GivenUp | Self::TimedOut => true,
        }
    }
}

/// What is said to a producer or a member that is not what it was: the next transaction begins with what it is by then.
fn is_about_standing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::UNKNOWN_MEMBER_ID
            | ErrorCode::ILLEGAL_GENERATION
            | ErrorCode::STALE_MEMBER_EPOCH
            | ErrorCode::UNKNOWN_PRODUCER_ID
            | ErrorCode::INVALID_PRODUCER_EPOCH
            | ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
            | ErrorCode::INVALID_TXN_STATE
            | ErrorCode::TRANSACTION_ABORTABLE
    )
}
