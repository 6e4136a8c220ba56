/// The limits and delays of classic groups and committed offsets; the defaults are Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `group.min.session.timeout.ms`: a join that asks for less is refused.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`: a join that asks for more is refused.
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members after each join.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`: members of one group.
    pub max_group_size: usize,
    /// How long a member that is not yet in any generation may wait for one (5 minutes in Kafka, no config).
    pub new_member_join_timeout_ms: i64,
    /// `offset.metadata.max.bytes`, counted like Kafka in UTF-16 units of the string.
    pub offset_metadata_max_length: usize,
    /// `offsets.retention.minutes`, in milliseconds.
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub retention_check_interval_ms: i64,
    /// The largest batch one step may write, in bytes (the topic's `max.message.bytes`).
    pub max_batch_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            max_group_size: i32::MAX as usize,
            new_member_join_timeout_ms: 300_000,
            offset_metadata_max_length: 4_096,
            offsets_retention_ms: 10_080 * 60_000,
            retention_check_interval_ms: 600_000,
            max_batch_bytes: 1_048_588,
        }
    }
}
