use ottla_assign::InvalidPattern;
use ottla_types::ErrorCode;

use super::{commits::Uncommitted, fetches::Trouble, membership::Failure, partition::TopicPartition};
use crate::{ClientError, InvalidOption};

/// Why there is no next record.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    /// The group has committed nothing for the partition. It is not read until [`seek`](super::Consumer::seek).
    #[error(
        "{0}: nothing is committed and the reset policy is Fail; seek to an offset, or choose Reset::Earliest"
    )]
    NoOffset(TopicPartition),
    /// The offset is not in the partition. It is not read until [`seek`](super::Consumer::seek).
    #[error("{at}: offset {offset} is not there (any more) and the reset policy is Fail; seek to another")]
    OutOfRange {
        /// The partition.
        at: TopicPartition,
        /// The offset.
        offset: i64,
    },
    /// Records that were read are not in the log any more. It is not read until [`seek`](super::Consumer::seek).
    #[error(
        "{at}: records from offset {diverges} on, read up to {position}, are lost on the leader; seek there to go on"
    )]
    Truncated {
        /// The partition.
        at: TopicPartition,
        /// How far it was read.
        position: i64,
        /// Where the histories part.
        diverges: i64,
    },
    /// A partition cannot be read.
    #[error("{at} cannot be read: {code}")]
    Refused {
        /// The partition.
        at: TopicPartition,
        /// Kafka's code.
        code: ErrorCode,
    },
    /// Its records make no sense. It is not read until [`seek`](super::Consumer::seek), behind them for instance.
    #[error("{at}: records from offset {offset} on cannot be read: {source}; seek behind them to go on")]
    Corrupt {
        /// The partition.
        at: TopicPartition,
        /// Where it stands.
        offset: i64,
        /// What is wrong.
        source: ottla_records::BatchError,
    },
    /// The consumer is no member of its group any more; nothing comes after this.
    #[error("group {group}: {why}")]
    Group {
        /// The group.
        group: String,
        /// What has happened, and what to do.
        why: String,
    },
}

impl ConsumerError {
    pub(super) fn of(at: TopicPartition, trouble: Trouble) -> Self {
        match trouble {
            Trouble::NoOffset => Self::NoOffset(at),
            Trouble::OutOfRange(offset) => Self::OutOfRange { at, offset },
            Trouble::Truncated { position, diverges } => Self::Truncated { at, position, diverges },
            Trouble::Refused(code) => Self::Refused { at, code },
            Trouble::Corrupt { offset, source } => Self::Corrupt { at, offset, source },
        }
    }

    pub(super) fn group(group: &str, failure: &Failure) -> Self {
        let why = match failure {
            Failure::Refused(ErrorCode::FENCED_INSTANCE_ID) => {
                "another member has taken this instance id; give each running consumer its own".into()
            }
            Failure::Refused(ErrorCode::INCONSISTENT_GROUP_PROTOCOL) => {
                "the other members use other assignors; choose one they all have".into()
            }
            Failure::Refused(ErrorCode::INVALID_SESSION_TIMEOUT) => {
                "the broker does not allow this session_timeout (group.min/max.session.timeout.ms)".into()
            }
            Failure::Refused(ErrorCode::GROUP_MAX_SIZE_REACHED) => {
                "it is full (group.max.size); stop a member first".into()
            }
            Failure::Refused(ErrorCode::UNRELEASED_INSTANCE_ID) => {
                "another member has this instance id; stop it, or wait until its session is over".into()
            }
            Failure::Refused(ErrorCode::UNSUPPORTED_ASSIGNOR) => {
                "the broker does not have this server_assignor (group.consumer.assignors)".into()
            }
            Failure::Refused(code) => format!("the coordinator refuses: {code}"),
            Failure::Pattern(reason) => format!(
                "the coordinator cannot read the regular expression of topics_matching, which is of RE2's syntax: {reason}"
            ),
            Failure::Unsupported => {
                "the broker is too old for what this member needs: GroupProtocol::Consumer wants Apache Kafka 3.7 or later, \
                 with topics_matching 4.0; GroupProtocol::Auto does without"
                    .into()
            }
            Failure::Protocol(what) => (*what).into(),
        };
        Self::Group { group: group.to_owned(), why }
    }
}

/// Why marks are not committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else has the partitions and reads again what was not committed.
    #[error("the partitions are another member's by now; it reads what was not committed again")]
    Fenced,
    /// The coordinator refuses.
    #[error("the offset of {at} is not committed: {code}")]
    Refused {
        /// The partition.
        at: TopicPartition,
        /// Kafka's code.
        code: ErrorCode,
    },
    /// `commit_timeout` is over; whether the offsets are committed is not known.
    #[error("the coordinator did not answer in time; the offsets may be committed or not")]
    TimedOut,
    /// There is no group to commit for.
    #[error("this consumer has no group; give it one with .group(\"…\")")]
    NoGroup,
    /// The consumer is closed or has failed.
    #[error("the consumer is closed")]
    Closed,
}

impl From<Uncommitted> for CommitError {
    fn from(why: Uncommitted) -> Self {
        match why {
            Uncommitted::Fenced => Self::Fenced,
            Uncommitted::Refused(at, code) => Self::Refused { at, code },
            Uncommitted::TimedOut => Self::TimedOut,
        }
    }
}

/// Why a consumer was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Options that do not go together.
    #[error(transparent)]
    Options(#[from] InvalidOption),
    /// There is nothing to read.
    #[error("nothing to read: name topics with .group(…).topics([…]), or partitions with .assign(…)")]
    Nothing,
    /// Topics are shared in a group.
    #[error("topics are shared in a group: name it with .group(…), or read partitions with .assign(…)")]
    NoGroup,
    /// The regular expression is none.
    #[error("{pattern:?} is not a regular expression of RE2's syntax: {reason}")]
    Pattern {
        /// What [`topics_matching`](super::ConsumerBuilder::topics_matching) was given.
        pattern: String,
        /// What is wrong with it.
        reason: InvalidPattern,
    },
    /// The positions to begin at cannot be found out.
    #[error(transparent)]
    Client(#[from] ClientError),
}
