//! Reading from a partition.

use bytes::Bytes;
use ottla_log::{AbortedTxn, Patience, ReadError, ReadLimits, Stored};
use ottla_replication::epochs::EpochEnd;
use ottla_types::ErrorCode;

use super::{Partition, State};

/// Who may see what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Up to the high watermark.
    ReadUncommitted,
    /// Up to the last stable offset.
    ReadCommitted,
    /// Everything: a replica, or the debugging consumer.
    LogEnd,
}

/// What a fetch asks of one partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadRequest {
    pub(crate) offset: i64,
    pub(crate) max_bytes: usize,
    pub(crate) at_least_one: bool,
    pub(crate) isolation: Isolation,
    /// −1 skips the check.
    pub(crate) current_leader_epoch: i32,
    /// The epoch of the record before `offset`, as the client has it; −1 skips the check.
    pub(crate) last_fetched_epoch: i32,
    /// The replica that asks; `None` for a consumer.
    pub(crate) follower: Option<i32>,
}

/// What a fetch gets.
#[derive(Debug, Clone)]
pub(crate) struct PartitionRead {
    pub(crate) batches: Stored,
    pub(crate) high_watermark: i64,
    pub(crate) last_stable_offset: i64,
    pub(crate) log_start_offset: i64,
    /// Under read_committed only.
    pub(crate) aborted: Option<Vec<AbortedTxn>>,
    /// Where the client's log and this one part; there are no records then.
    pub(crate) diverging: Option<EpochEnd>,
}

/// A read that is decided.
struct Planned {
    /// As far as it is known.
    answer: PartitionRead,
    read: Option<ottla_log::ReadPlan>,
    /// How often the cleaner had replaced segments by then.
    replacements: u64,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the topic was deleted")]
    Deleted,
    #[error("the client's leader epoch is old")]
    FencedLeaderEpoch,
    #[error("the client's leader epoch is unknown")]
    UnknownLeaderEpoch,
    #[error("the broker that asks is no replica of the partition")]
    NotAReplica,
    #[error("the client's last epoch ended nobody knows where")]
    UnknownLastEpoch,
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl FetchError {
    pub(crate) fn code(&self, version: i16) -> ErrorCode {
        match self {
            Self::Deleted => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Self::FencedLeaderEpoch => ErrorCode::FENCED_LEADER_EPOCH,
            Self::UnknownLeaderEpoch => ErrorCode::UNKNOWN_LEADER_EPOCH,
            Self::NotAReplica => ErrorCode::NOT_LEADER_OR_FOLLOWER,
            Self::UnknownLastEpoch => ErrorCode::OFFSET_OUT_OF_RANGE,
            Self::Read(ReadError::OutOfRange { .. }) => ErrorCode::OFFSET_OUT_OF_RANGE,
            // Not an answer: who asks without patience asks again with it.
            Self::Read(ReadError::NotCached) => ErrorCode::UNKNOWN_SERVER_ERROR,
            // Clients before version 6 do not know the storage error and would not retry.
            Self::Read(ReadError::Io(_)) if version < 6 => ErrorCode::NOT_LEADER_OR_FOLLOWER,
            Self::Read(ReadError::Io(_)) => ErrorCode::KAFKA_STORAGE_ERROR,
        }
    }
}

impl Partition {
    /// Refuses a client whose knowledge of the leader is older or newer than ours (KIP-320).
    pub(crate) fn check_leader_epoch(&self, current_leader_epoch: i32) -> Result<(), FetchError> {
        let epoch = self.inspect(|_, leader| leader.epoch());
        match current_leader_epoch {
            -1 => Ok(()),
            older if older < epoch => Err(FetchError::FencedLeaderEpoch),
            newer if newer > epoch => Err(FetchError::UnknownLeaderEpoch),
            _ => Ok(()),
        }
    }

    /// Only the other replicas may fetch as followers.
    fn check_follower(&self, follower: Option<i32>) -> Result<(), FetchError> {
        let is_one = |id| self.inspect(|_, leader| leader.followers().any(|(follower, _)| follower == id));
        if follower.is_none_or(is_one) { Ok(()) } else { Err(FetchError::NotAReplica) }
    }

    /// Reads whole batches. Where is decided under the lock, the file is read without it.
    pub(crate) fn read(
        &self,
        request: &ReadRequest,
        patience: Patience,
    ) -> Result<PartitionRead, FetchError> {
        self.check_leader_epoch(request.current_leader_epoch)?;
        self.check_follower(request.follower)?;
        let mut offset = request.offset;
        loop {
            let Planned { mut answer, read: plan, replacements } = self.plan(offset, request)?;
            let Some(plan) = plan else { return Ok(answer) };
            let read = plan.find(patience)?;
            match read.next_segment {
                Some(next) if read.batches.is_empty() => offset = next,
                _ => {
                    if let Some(aborted) = &mut answer.aborted
                        && !read.batches.is_empty()
                    {
                        let found = self.inspect(|log, _| {
                            let same = log.replacements() == replacements;
                            same.then(|| log.aborted_between(offset, read.next_offset)).transpose()
                        });
                        // The cleaner forgets aborted transactions with their records: these were read before that.
                        let Some(found) = found.map_err(ReadError::from)? else { continue };
                        *aborted = found;
                    }
                    answer.batches = read.batches;
                    return Ok(answer);
                }
            }
        }
    }

    fn plan(&self, offset: i64, request: &ReadRequest) -> Result<Planned, FetchError> {
        let state = self.state.lock();
        if state.deleted {
            return Err(FetchError::Deleted);
        }
        let (log, leader) = (&state.log, &state.leader);
        let bound = match request.isolation {
            Isolation::ReadUncommitted => leader.high_watermark(),
            Isolation::ReadCommitted => leader.last_stable_offset(),
            Isolation::LogEnd => log.next_offset(),
        };
        let diverging = diverging(&state, offset, request.last_fetched_epoch)?;
        let answer = PartitionRead {
            diverging,
            batches: Stored::Memory(Bytes::new()),
            high_watermark: leader.high_watermark(),
            last_stable_offset: leader.last_stable_offset(),
            log_start_offset: log.log_start(),
            aborted: (request.isolation == Isolation::ReadCommitted).then(Vec::new),
        };
        let replacements = log.replacements();
        if diverging.is_some() {
            return Ok(Planned { answer, read: None, replacements });
        }
        let limits =
            ReadLimits { below: bound, max_bytes: request.max_bytes, at_least_one: request.at_least_one };
        let read = log.plan_read(offset, limits)?;
        Ok(Planned { answer, read, replacements })
    }
}

/// Where a client whose last record is of `epoch` has another log than this one (KIP-595).
fn diverging(state: &State, offset: i64, epoch: i32) -> Result<Option<EpochEnd>, FetchError> {
    if epoch < 0 {
        return Ok(None);
    }
    let end = state.epochs().end_offset_for(epoch, state.log.next_offset());
    if end == EpochEnd::UNDEFINED {
        return Err(FetchError::UnknownLastEpoch);
    }
    let parted = end.epoch < epoch || end.end_offset < offset;
    // An offset before the log's first is out of range, whatever the epochs say.
    Ok((parted && offset >= state.log.log_start()).then_some(end))
}
