//! What a broker's file says.

mod listeners;
mod reader;

use std::path::PathBuf;

use reader::{Reader, internal};

use crate::{Listener, Properties, PropertiesError, Scope, Settings, Table, suggest::nearest};

/// The settings of consumer groups; the names are Kafka's, behind `group.consumer.`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "each field is the setting of its name, described in tables/broker.tsv")]
pub struct ConsumerGroupConfig {
    pub session_timeout_ms: i32,
    pub heartbeat_interval_ms: i32,
    pub assignment_interval_ms: i32,
    pub max_size: i32,
    pub assignors: Vec<String>,
    pub migration_policy: String,
}

/// What a broker's file says about transactions.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is the setting of its name, described in tables/broker.tsv")]
pub struct TransactionConfig {
    pub add_partitions_to_txn_retry_backoff_ms: u32,
    pub add_partitions_to_txn_retry_backoff_max_ms: u32,
    pub transaction_max_timeout_ms: i32,
    pub transaction_abort_timed_out_transaction_cleanup_interval_ms: i64,
    pub transaction_remove_expired_transaction_cleanup_interval_ms: i64,
    pub transactional_id_expiration_ms: i64,
}

/// A broker's settings as its file gives them; the names are Kafka's with underscores.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each field is the setting of its name, described in tables/broker.tsv")]
pub struct BrokerConfig {
    pub node_id: i32,
    pub listeners: Vec<Listener>,
    pub advertised_listeners: Vec<Listener>,
    /// Listeners of the controller, which clients do not use.
    pub controller_listener_names: Vec<String>,
    pub log_dirs: Vec<PathBuf>,
    pub metadata_log_dir: PathBuf,
    pub broker_rack: Option<String>,
    pub num_partitions: i32,
    pub default_replication_factor: i16,
    pub min_insync_replicas: i32,
    pub auto_create_topics_enable: bool,
    pub delete_topic_enable: bool,
    pub socket_request_max_bytes: i32,
    pub queued_max_request_bytes: i64,
    pub socket_listen_backlog_size: i32,
    pub socket_send_buffer_bytes: i32,
    pub socket_receive_buffer_bytes: i32,
    pub connections_max_idle_ms: i64,
    pub fetch_max_bytes: i32,
    pub max_incremental_fetch_session_cache_slots: i32,
    pub max_request_partition_size_limit: i32,
    pub num_recovery_threads_per_data_dir: i32,
    pub log_cleaner_enable: bool,
    pub log_retention_check_interval_ms: i64,
    /// `log.initial.task.delay.ms`.
    pub log_initial_task_delay_ms: i64,
    pub log_flush_offset_checkpoint_interval_ms: i64,
    pub producer_id_expiration_check_interval_ms: i64,
    pub group_min_session_timeout_ms: i32,
    pub group_max_session_timeout_ms: i32,
    pub group_initial_rebalance_delay_ms: i32,
    pub group_max_size: i32,
    pub group_consumer: ConsumerGroupConfig,
    pub group_coordinator_rebalance_protocols: Vec<String>,
    pub offset_metadata_max_bytes: i32,
    pub offsets_retention_minutes: i64,
    pub offsets_retention_check_interval_ms: i64,
    pub offsets_commit_timeout_ms: i32,
    /// The codec's number in record batches.
    pub transactions: TransactionConfig,
    pub offsets_topic_compression_codec: u8,
    pub offsets_topic_num_partitions: i32,
    pub offsets_topic_replication_factor: i16,
    pub offsets_topic_segment_bytes: i32,
    pub metadata_log_segment_bytes: i32,
    pub metadata_log_segment_ms: i64,
    pub metadata_max_retention_bytes: i64,
    pub metadata_max_retention_ms: i64,
    pub metadata_log_max_record_bytes_between_snapshots: i64,
    pub metadata_log_max_snapshot_interval_ms: i64,
    /// Where metrics and health are served; ours.
    pub ottla_http_listener: Option<String>,
    /// How many partitions there may be before no more are created; ours. `None` leaves it to the descriptors.
    pub ottla_max_partitions: Option<usize>,
    /// Bytes of a data directory's file system that records leave free; ours.
    pub ottla_log_dir_reserved_bytes: usize,
    /// A listener others can reach may go without authentication; ours.
    pub allow_insecure_listeners: bool,
    /// Everything the file says, for DescribeConfigs.
    pub file: Settings,
}

/// Settings of our own, which Kafka does not know.
const OURS: &[&str] = &[
    "ottla.http.listener",
    "ottla.max.partitions",
    RESERVED_BYTES,
    CHECK_COMPRESSED_RECORDS,
    "allow.insecure.listeners",
];
/// Whether produced batches are decompressed where nothing else needs it, to look at every record; `false` if not set.
pub(crate) const CHECK_COMPRESSED_RECORDS: &str = "ottla.check.compressed.records";
const RESERVED_BYTES: &str = "ottla.log.dir.reserved.bytes";

/// A configuration with what is worth a warning.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub config: BrokerConfig,
    /// Unknown keys, repeated keys.
    pub warnings: Vec<String>,
    /// Settings the file has that are accepted, but without effect yet.
    pub unused: Vec<&'static str>,
}

/// Why a broker does not start with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFileError {
    /// The file's notation.
    #[error(transparent)]
    Notation(#[from] PropertiesError),
    /// A value that is not allowed.
    #[error("{0}")]
    Invalid(String),
    /// A key that must be set.
    #[error("Missing required configuration \"{0}\" which has no default value.")]
    Missing(&'static str),
}

impl BrokerConfig {
    /// Reads a file's settings.
    ///
    /// # Errors
    /// Names the key, the value and what is allowed.
    pub fn from_properties(properties: &Properties) -> Result<Loaded, ConfigFileError> {
        let mut warnings: Vec<String> = properties
            .duplicates
            .iter()
            .map(|key| format!("`{key}` is set more than once; the last value counts"))
            .collect();
        let table = Table::of(Scope::Broker);
        let mut unused = Vec::new();
        for (key, value) in properties.iter() {
            match table.get(key) {
                Some(setting) => {
                    setting.check(value).map_err(ConfigFileError::Invalid)?;
                    unused.extend(setting.unused.then_some(setting.name));
                }
                None if key == CHECK_COMPRESSED_RECORDS => check_flag(key, value)?,
                None if OURS.contains(&key)
                    || internal(key).is_some()
                    || key.starts_with("listener.name.") => {}
                None => {
                    let near =
                        nearest(key, table.iter().map(|setting| setting.name).chain(OURS.iter().copied()));
                    let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                    warnings.push(format!("unknown setting `{key}` is not used{hint}"));
                }
            }
        }
        let mut file: Settings =
            properties.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        // Two names of one thing: whoever asks for either finds it.
        for (one, other) in [("node.id", "broker.id"), ("broker.id", "node.id")] {
            if let Some(id) = file.get(one).cloned() {
                file.entry(other.to_owned()).or_insert(id);
            }
        }
        let config = Reader { file: &file }.read(file.clone(), &mut warnings)?;
        Ok(Loaded { config, warnings, unused })
    }
}

/// A flag of our own, which no table describes.
fn check_flag(name: &str, value: &str) -> Result<(), ConfigFileError> {
    match value.trim().parse::<bool>() {
        Ok(_) => Ok(()),
        Err(_) => Err(ConfigFileError::Invalid(format!(
            "Invalid value {value} for configuration {name}: it must be true or false"
        ))),
    }
}
