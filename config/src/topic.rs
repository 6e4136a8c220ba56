use crate::{Layers, Scope, Settings, broker::CHECK_COMPRESSED_RECORDS};

/// What happens to old records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// Segments are removed by age and size.
    pub delete: bool,
    /// The newest record of each key stays.
    pub compact: bool,
}

/// Whose timestamps records carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's.
    LogAppendTime,
}

/// A topic's settings in force; the names are Kafka's with underscores.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each field is the setting of its name, described in tables/topic.tsv")]
pub struct TopicConfig {
    /// `ottla.check.compressed.records` of the broker: ours.
    pub check_compressed_records: bool,
    pub cleanup_policy: CleanupPolicy,
    /// `None` keeps the producer's codec.
    pub compression_type: Option<String>,
    pub compression_gzip_level: i32,
    pub compression_zstd_level: i32,
    pub delete_retention_ms: i64,
    pub file_delete_delay_ms: i64,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub index_interval_bytes: i64,
    pub max_compaction_lag_ms: i64,
    pub max_message_bytes: i64,
    pub message_timestamp_type: TimestampType,
    pub message_timestamp_before_max_ms: i64,
    pub message_timestamp_after_max_ms: i64,
    pub min_cleanable_dirty_ratio: f64,
    pub min_compaction_lag_ms: i64,
    pub min_insync_replicas: i64,
    pub retention_bytes: i64,
    pub retention_ms: i64,
    pub segment_bytes: i64,
    pub segment_index_bytes: i64,
    pub segment_jitter_ms: i64,
    pub segment_ms: i64,
}

impl TopicConfig {
    /// What is in force for a topic with these settings of its own.
    #[must_use]
    pub fn new(layers: &Layers<'_>, own: &Settings) -> Self {
        let text = |name: &str| layers.value(Scope::Topic, name, own).unwrap_or_default();
        let number = |name: &str| text(name).trim().parse::<i64>().unwrap_or_default();
        let level = |name: &str| i32::try_from(number(name)).unwrap_or_default();
        let policy = text("cleanup.policy");
        let has = |wanted: &str| policy.split(',').any(|policy| policy.trim() == wanted);
        Self {
            check_compressed_records: layers
                .file
                .get(CHECK_COMPRESSED_RECORDS)
                .is_some_and(|flag| flag.trim() == "true"),
            cleanup_policy: CleanupPolicy { delete: has("delete"), compact: has("compact") },
            compression_type: Some(text("compression.type")).filter(|codec| codec != "producer"),
            compression_gzip_level: level("compression.gzip.level"),
            compression_zstd_level: level("compression.zstd.level"),
            delete_retention_ms: number("delete.retention.ms"),
            file_delete_delay_ms: number("file.delete.delay.ms"),
            flush_messages: number("flush.messages"),
            flush_ms: number("flush.ms"),
            index_interval_bytes: number("index.interval.bytes"),
            max_compaction_lag_ms: number("max.compaction.lag.ms"),
            max_message_bytes: number("max.message.bytes"),
            message_timestamp_type: if text("message.timestamp.type") == "LogAppendTime" {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            message_timestamp_before_max_ms: number("message.timestamp.before.max.ms"),
            message_timestamp_after_max_ms: number("message.timestamp.after.max.ms"),
            min_cleanable_dirty_ratio: text("min.cleanable.dirty.ratio").trim().parse().unwrap_or_default(),
            min_compaction_lag_ms: number("min.compaction.lag.ms"),
            min_insync_replicas: number("min.insync.replicas"),
            retention_bytes: number("retention.bytes"),
            retention_ms: number("retention.ms"),
            segment_bytes: number("segment.bytes"),
            segment_index_bytes: number("segment.index.bytes"),
            segment_jitter_ms: number("segment.jitter.ms"),
            segment_ms: number("segment.ms"),
        }
    }
}
