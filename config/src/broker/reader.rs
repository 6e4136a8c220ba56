//! Reading one setting after the other, by its type.

use std::path::PathBuf;

use super::{BrokerConfig, ConfigFileError, ConsumerGroupConfig, RESERVED_BYTES, TransactionConfig};
use crate::{Scope, Settings, Table, dynamic::parse_per_ip, layers::default_of};

/// Enough for the indexes of finished segments, the metadata of deletions, checkpoints and votes.
const DEFAULT_RESERVED_BYTES: usize = 32 << 20;

/// Settings of Kafka's that its documents do not list, with their defaults.
const INTERNAL: &[(&str, &str)] =
    &[("producer.id.expiration.check.interval.ms", "600000"), ("log.initial.task.delay.ms", "30000")];

/// The default of an internal setting; `None` for any other name.
pub(super) fn internal(name: &str) -> Option<&'static str> {
    INTERNAL.iter().find(|(internal, _)| *internal == name).map(|(_, default)| *default)
}

pub(super) struct Reader<'a> {
    pub(super) file: &'a Settings,
}

impl Reader<'_> {
    pub(super) fn read(
        &self,
        file: Settings,
        warnings: &mut Vec<String>,
    ) -> Result<BrokerConfig, ConfigFileError> {
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

    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    }
}
