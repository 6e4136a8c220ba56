const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// What a log needs to know of its topic's settings; may be replaced while the log is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`.
    pub segment_bytes: u64,
    /// `segment.ms`.
    pub segment_ms: i64,
    /// `segment.jitter.ms`.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`.
    pub segment_index_bytes: u64,
    /// `index.interval.bytes`.
    pub index_interval_bytes: u64,
    /// `retention.ms`, −1 for ever.
    pub retention_ms: i64,
    /// `retention.bytes`, −1 without limit.
    pub retention_bytes: i64,
    /// `cleanup.policy` names `delete`.
    pub delete: bool,
    /// `cleanup.policy` names `compact`: offsets may have gaps.
    pub compact: bool,
    /// `delete.retention.ms`: how long tombstones and markers stay once they could be removed.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`.
    pub max_compaction_lag_ms: i64,
    /// `file.delete.delay.ms`.
    pub file_delete_delay_ms: i64,
    /// `flush.messages` is 1: records are acknowledged once they are on the disk.
    pub synced: bool,
    /// `producer.id.expiration.ms` of the broker.
    pub producer_id_expiration_ms: i64,
}

impl LogConfig {
    /// Kafka's defaults, but synced.
    pub const DEFAULT: Self = Self {
        segment_bytes: 1 << 30,
        segment_ms: WEEK_MS,
        segment_jitter_ms: 0,
        segment_index_bytes: 10 << 20,
        index_interval_bytes: 4096,
        retention_ms: WEEK_MS,
        retention_bytes: -1,
        delete: true,
        compact: false,
        delete_retention_ms: 86_400_000,
        min_compaction_lag_ms: 0,
        max_compaction_lag_ms: i64::MAX,
        file_delete_delay_ms: 60_000,
        synced: true,
        producer_id_expiration_ms: 86_400_000,
    };

    /// How old a segment may become before the next one begins: what must be compacted soon may not stay in the active
    /// one.
    #[must_use]
    pub fn max_segment_ms(&self) -> i64 {
        if self.compact { self.segment_ms.min(self.max_compaction_lag_ms) } else { self.segment_ms }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}
