use crate::ReplicaKey;
use ottla_types::Millis;

/// What DescribeQuorum tells about the metadata log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuorumInfo {
    /// The leader, or `None` while there is none.
    pub leader_id: Option<i32>,
    /// The current epoch.
    pub leader_epoch: i32,
    /// Committed end of the log; −1 while unknown.
    pub high_watermark: i64,
    /// Every voter.
    pub voters: Vec<ReplicaProgress>,
    /// Replicas that fetch without a vote.
    pub observers: Vec<ReplicaProgress>,
}

/// How far one replica of the metadata log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaProgress {
    /// Who.
    pub key: ReplicaKey,
    /// Its log end offset, −1 while unknown.
    pub log_end_offset: i64,
    /// When the leader last heard a Fetch from it (the leader itself: now).
    pub last_fetch: Option<Millis>,
    /// When it last had everything (the leader itself: now).
    pub last_caught_up: Option<Millis>,
}
