use ottla_types::Millis;

/// A fetch by a follower, as far as it counts for replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerFetch {
    /// The broker that fetches.
    pub replica: i32,
    /// Its registration, −1 if its version does not say.
    pub broker_epoch: i64,
    /// Where it wants to read from: it holds (in synced mode: has flushed) everything below.
    pub fetch_offset: i64,
    /// When the fetch arrived.
    pub now: Millis,
}

/// What the leader knows of one follower in this leader epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerState {
    /// Everything below is on the follower; `None` until it has fetched in this leader epoch.
    pub log_end: Option<i64>,
    /// The registration it reported with its last fetch, −1 if unknown.
    pub broker_epoch: i64,
    /// When it last held everything the leader had.
    pub caught_up_at: Millis,
}

impl FollowerState {
    pub(super) const UNKNOWN: Self = Self { log_end: None, broker_epoch: -1, caught_up_at: Millis(0) };
}
