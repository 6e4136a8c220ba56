use std::path::PathBuf;

use crate::{
    Listener, Properties, PropertiesError, Scope, SecurityProtocol, Settings, Table, dynamic::parse_per_ip,
    layers::default_of, suggest::nearest,
};

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
/// Enough for the indexes of finished segments, the metadata of deletions, checkpoints and votes.
const DEFAULT_RESERVED_BYTES: usize = 32 << 20;

/// Settings of Kafka's that its documents do not list, with their defaults.
const INTERNAL: &[(&str, &str)] =
    &[("producer.id.expiration.check.interval.ms", "600000"), ("log.initial.task.delay.ms", "30000")];

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

/// The default of an internal setting; `None` for any other name.
fn internal(name: &str) -> Option<&'static str> {
    INTERNAL.iter().find(|(internal, _)| *internal == name).map(|(_, default)| *default)
}

struct Reader<'a> {
    file: &'a Settings,
}

impl Reader<'_> {
    fn consumer_groups(&self) -> ConsumerGroupConfig {
        ConsumerGroupConfig {
            session_timeout_ms: self.number("group.consumer.session.timeout.ms"),
            heartbeat_interval_ms: self.number("group.consumer.heartbeat.interval.ms"),
            assignment_interval_ms: self.number("group.consumer.assignment.interval.ms"),
            max_size: self.number("group.consumer.max.size"),
            assignors: self.list("group.consumer.assignors"),
            migration_policy: self.text("group.consumer.migration.policy").unwrap_or_default(),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let listed = || Table::of(Scope::Broker).get(name).and_then(default_of);
        self.file.get(name).cloned().or_else(|| listed().or_else(|| internal(name)).map(str::to_owned))
    }

    fn number<T: TryFrom<i64> + Default>(&self, name: &str) -> T {
        // Type and range have been checked against the table.
        let value = self.text(name).and_then(|text| text.trim().parse::<i64>().ok());
        value.and_then(|value| T::try_from(value).ok()).unwrap_or_default()
    }

    /// A codec by its number in record batches.
    fn codec(&self, name: &str) -> Result<u8, ConfigFileError> {
        let text = self.text(name).unwrap_or_default();
        text.trim().parse().ok().filter(|id| *id <= 4).ok_or_else(|| {
            let allowed = "0 (none), 1 (gzip), 2 (snappy), 3 (lz4) and 4 (zstd) are codecs";
            ConfigFileError::Invalid(format!("Invalid value {text} for configuration {name}: {allowed}"))
        })
    }

    /// A setting of ours that counts something; the table does not know it, so it is checked here.
    fn count(&self, name: &str) -> Result<Option<usize>, ConfigFileError> {
        let Some(text) = self.file.get(name) else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|_| {
            ConfigFileError::Invalid(format!(
                "Invalid value {text} for configuration {name}: it must be 0 or more"
            ))
        })
    }

    fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    }

    fn listeners(&self, name: &str) -> Result<Vec<Listener>, ConfigFileError> {
        let invalid =
            |why| ConfigFileError::Invalid(format!("Invalid value for configuration {name}: {why}"));
        self.list(name).iter().map(|text| Listener::parse(text).map_err(invalid)).collect()
    }

    fn node_id(&self) -> Result<i32, ConfigFileError> {
        let set = |name: &str| self.file.get(name).and_then(|value| value.trim().parse::<i32>().ok());
        match (set("node.id"), set("broker.id")) {
            (Some(node), Some(broker)) if node != broker => Err(ConfigFileError::Invalid(format!(
                "You must set `node.id` to the same value as `broker.id`: {node} and {broker} differ."
            ))),
            (node, broker) => node.or(broker).ok_or(ConfigFileError::Missing("node.id")),
        }
    }

    fn log_dirs(&self) -> Result<Vec<PathBuf>, ConfigFileError> {
        let dirs =
            if self.file.contains_key("log.dirs") { self.list("log.dirs") } else { self.list("log.dir") };
        if dirs.is_empty() {
            return Err(ConfigFileError::Missing("log.dirs"));
        }
        Ok(dirs.into_iter().map(PathBuf::from).collect())
    }

    /// One process is broker and controller at once; a part of a larger cluster is refused, never run as a whole one.
    fn check_roles(&self) -> Result<(), ConfigFileError> {
        let roles = self.list("process.roles");
        let has = |role: &str| roles.iter().any(|one| one == role);
        if roles.is_empty() || has("broker") && has("controller") {
            return Ok(());
        }
        Err(ConfigFileError::Invalid(format!(
            "Invalid value {} for configuration process.roles: a node with one role is not supported yet; \
             broker,controller is",
            roles.join(",")
        )))
    }

    /// Each client listener with its protocol; what this build cannot speak is refused, never served in the clear.
    fn check_protocols(&self, listeners: &[Listener], controllers: &[String]) -> Result<(), ConfigFileError> {
        let map = self.list("listener.security.protocol.map");
        for listener in listeners.iter().filter(|listener| !controllers.contains(&listener.name)) {
            let mapped = map.iter().filter_map(|entry| entry.split_once(':'));
            let mapped = mapped.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(&listener.name));
            let protocol = mapped.map_or(listener.name.as_str(), |(_, protocol)| protocol);
            if SecurityProtocol::parse(protocol) != Some(SecurityProtocol::Plaintext) {
                return Err(ConfigFileError::Invalid(format!(
                    "Invalid value {listener} for configuration listeners: the security protocol `{protocol}` is \
                     not supported yet; PLAINTEXT is"
                )));
            }
            if !listener.is_loopback() && !self.flag("allow.insecure.listeners") {
                return Err(ConfigFileError::Invalid(format!(
                    "Invalid value {listener} for configuration listeners: it can be reached from other machines \
                     without authentication; bind it to 127.0.0.1 or set allow.insecure.listeners=true"
                )));
            }
        }
        Ok(())
    }

    /// A listener for all interfaces that tells clients a loopback address, as Kafka's sample file has it, is of use to
    /// this machine only, and is bound to nothing else.
    fn narrow(&self, listener: &mut Listener, advertised: &[Listener], warnings: &mut Vec<String>) {
        let told = advertised.iter().find(|told| told.name == listener.name && told.is_loopback());
        let Some(told) = told.filter(|_| listener.host.is_empty()) else { return };
        if self.flag("allow.insecure.listeners") {
            return;
        }
        let host = if told.host == "localhost" { "127.0.0.1" } else { &told.host };
        warnings.push(format!(
            "{listener} is bound to {host} only, since clients are told {told}; allow.insecure.listeners=true binds it \
             to all interfaces"
        ));
        listener.host = host.to_owned();
    }

    fn transactions(&self) -> TransactionConfig {
        TransactionConfig {
            add_partitions_to_txn_retry_backoff_ms: self.number("add.partitions.to.txn.retry.backoff.ms"),
            add_partitions_to_txn_retry_backoff_max_ms: self
                .number("add.partitions.to.txn.retry.backoff.max.ms"),
            transaction_max_timeout_ms: self.number("transaction.max.timeout.ms"),
            transaction_abort_timed_out_transaction_cleanup_interval_ms: self
                .number("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            transaction_remove_expired_transaction_cleanup_interval_ms: self
                .number("transaction.remove.expired.transaction.cleanup.interval.ms"),
            transactional_id_expiration_ms: self.number("transactional.id.expiration.ms"),
        }
    }

    fn read(&self, file: Settings, warnings: &mut Vec<String>) -> Result<BrokerConfig, ConfigFileError> {
        let controller_listener_names: Vec<String> =
            self.list("controller.listener.names").iter().map(|name| name.to_uppercase()).collect();
        let mut listeners = self.listeners("listeners")?;
        let advertised_listeners = self.listeners("advertised.listeners")?;
        self.check_roles()?;
        let clients = listeners.iter_mut().filter(|one| !controller_listener_names.contains(&one.name));
        clients.for_each(|listener| self.narrow(listener, &advertised_listeners, warnings));
        self.check_protocols(&listeners, &controller_listener_names)?;
        let log_dirs = self.log_dirs()?;
        parse_per_ip(&self.text("max.connections.per.ip.overrides").unwrap_or_default())
            .map_err(ConfigFileError::Invalid)?;
        Ok(BrokerConfig {
            node_id: self.node_id()?,
            advertised_listeners,
            metadata_log_dir: self
                .text("metadata.log.dir")
                .map_or_else(|| log_dirs[0].clone(), PathBuf::from),
            listeners,
            controller_listener_names,
            log_dirs,
            broker_rack: self.text("broker.rack"),
            num_partitions: self.number("num.partitions"),
            default_replication_factor: self.number("default.replication.factor"),
            min_insync_replicas: self.number("min.insync.replicas"),
            auto_create_topics_enable: self.flag("auto.create.topics.enable"),
            delete_topic_enable: self.flag("delete.topic.enable"),
            socket_request_max_bytes: self.number("socket.request.max.bytes"),
            queued_max_request_bytes: self.number("queued.max.request.bytes"),
            socket_listen_backlog_size: self.number("socket.listen.backlog.size"),
            socket_send_buffer_bytes: self.number("socket.send.buffer.bytes"),
            socket_receive_buffer_bytes: self.number("socket.receive.buffer.bytes"),
            connections_max_idle_ms: self.number("connections.max.idle.ms"),
            fetch_max_bytes: self.number("fetch.max.bytes"),
            max_incremental_fetch_session_cache_slots: self
                .number("max.incremental.fetch.session.cache.slots"),
            max_request_partition_size_limit: self.number("max.request.partition.size.limit"),
            num_recovery_threads_per_data_dir: self.number("num.recovery.threads.per.data.dir"),
            log_cleaner_enable: self.flag("log.cleaner.enable"),
            log_initial_task_delay_ms: self.number("log.initial.task.delay.ms"),
            log_retention_check_interval_ms: self.number("log.retention.check.interval.ms"),
            log_flush_offset_checkpoint_interval_ms: self.number("log.flush.offset.checkpoint.interval.ms"),
            producer_id_expiration_check_interval_ms: self.number("producer.id.expiration.check.interval.ms"),
            group_min_session_timeout_ms: self.number("group.min.session.timeout.ms"),
            group_max_session_timeout_ms: self.number("group.max.session.timeout.ms"),
            group_initial_rebalance_delay_ms: self.number("group.initial.rebalance.delay.ms"),
            group_max_size: self.number("group.max.size"),
            group_consumer: self.consumer_groups(),
            group_coordinator_rebalance_protocols: self.list("group.coordinator.rebalance.protocols"),
            offset_metadata_max_bytes: self.number("offset.metadata.max.bytes"),
            offsets_retention_minutes: self.number("offsets.retention.minutes"),
            offsets_retention_check_interval_ms: self.number("offsets.retention.check.interval.ms"),
            offsets_commit_timeout_ms: self.number("offsets.commit.timeout.ms"),
            transactions: self.transactions(),
            offsets_topic_compression_codec: self.codec("offsets.topic.compression.codec")?,
            offsets_topic_num_partitions: self.number("offsets.topic.num.partitions"),
            offsets_topic_replication_factor: self.number("offsets.topic.replication.factor"),
            offsets_topic_segment_bytes: self.number("offsets.topic.segment.bytes"),
            metadata_log_segment_bytes: self.number("metadata.log.segment.bytes"),
            metadata_log_segment_ms: self.number("metadata.log.segment.ms"),
            metadata_max_retention_bytes: self.number("metadata.max.retention.bytes"),
            metadata_max_retention_ms: self.number("metadata.max.retention.ms"),
            metadata_log_max_record_bytes_between_snapshots: self
                .number("metadata.log.max.record.bytes.between.snapshots"),
            metadata_log_max_snapshot_interval_ms: self.number("metadata.log.max.snapshot.interval.ms"),
            ottla_log_dir_reserved_bytes: self.count(RESERVED_BYTES)?.unwrap_or(DEFAULT_RESERVED_BYTES),
            ottla_http_listener: self.file.get("ottla.http.listener").cloned(),
            ottla_max_partitions: self.count("ottla.max.partitions")?,
            allow_insecure_listeners: self.flag("allow.insecure.listeners"),
            file,
        })
    }
}
