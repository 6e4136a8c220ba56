//! Opening what a broker stands on: directories, logs, metadata.

use std::{
    collections::HashMap,
    net::{SocketAddr, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use ottla_config::{BrokerConfig, DynamicBrokerConfig};
use ottla_disk::Disk;
use ottla_log::{Flusher, LogConfig, LogDir, LogDirError, TopicPartition, read_meta_properties};
use ottla_metadata::{
    ControllerNode, Image, Listener as Endpoint, Options as ControllerOptions, SUPPORTED, bootstrap_records,
    feature,
};
use ottla_net::{Listener, Options as NetOptions};
use ottla_quorum::ReplicaKey;
use ottla_types::Str;
use parking_lot::Mutex;

use crate::cleaner::Cleaner;

use super::{Door, Flushing, StartError, descriptors::Descriptors};
use crate::{
    broker::{Broker, DataDir},
    clock,
    coordinator::{GroupDesks, TransactionDesks, settings_of, transaction_settings_of},
    fetch_sessions::{FetchSessions, SessionLimits},
    follow::{FoundLog, FoundLogs},
    format,
    metadata_shell::{
        MetadataDir, MetadataShell, OpenMetadata, SegmentLimits, SegmentedLog, SnapshotPolicy, random_id,
    },
    metrics::Metrics,
    partition::Partitions,
    producer_ids::ProducerIds,
    settings::{OwnedLayers, Rules, connection_limits, dynamic_config_of_file, log_config},
    survey::{lock_all, survey},
};

/// Request memory where the file sets none (`queued.max.request.bytes`).
const REQUEST_MEMORY: usize = 192 << 20;

/// How long the transaction coordinator's log may take to commit what was asked.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) struct Opened {
    pub(super) broker: Broker,
    pub(super) found: FoundLogs,
    /// The broker epoch of the last run if every directory was stopped cleanly.
    pub(super) clean: Option<i64>,
}

/// What the network layer needs to know. Controller listeners are not opened: the quorum is this process.
pub(super) fn net_options(config: &BrokerConfig, descriptors: Descriptors) -> Result<NetOptions, StartError> {
    let mut listeners = Vec::new();
    for listener in &config.listeners {
        if config.controller_listener_names.contains(&listener.name) {
            continue;
        }
        let host = if listener.host.is_empty() { "0.0.0.0" } else { &listener.host };
        let resolved = (host, listener.port).to_socket_addrs();
        let address: Option<SocketAddr> =
            resolved.map_err(|error| StartError::Resolve(listener.to_string(), error))?.next();
        listeners.extend(address.map(|address| Listener::plaintext(&listener.name, address)));
    }
    let size = |value: i32| usize::try_from(value).unwrap_or(usize::MAX);
    Ok(NetOptions {
        listeners,
        max_frame: size(config.socket_request_max_bytes),
        memory: usize::try_from(config.queued_max_request_bytes)
            .ok()
            .filter(|b| *b > 0)
            .unwrap_or(REQUEST_MEMORY),
        connections: connection_limits(&dynamic_config_of_file(&config.file)),
        backlog: u32::try_from(config.socket_listen_backlog_size).unwrap_or(0),
        send_buffer: usize::try_from(config.socket_send_buffer_bytes).ok(),
        receive_buffer: receive_buffer(config.socket_receive_buffer_bytes),
        max_descriptor: descriptors.first_kept(),
        max_idle: Duration::from_millis(u64::try_from(config.connections_max_idle_ms).unwrap_or(600_000)),
        ..NetOptions::default()
    })
}

/// Kafka's default for a socket's receive buffer, which its sample file repeats.
const KAFKAS_RECEIVE_BUFFER: i32 = 102_400;

/// The size of the receive buffer, where somebody chose one. A fixed size ends the system's own growing of it, and at that of Kafka's
/// default produce requests of a megabyte cost half as much CPU time again: it is taken as no choice.
fn receive_buffer(setting: i32) -> Option<usize> {
    usize::try_from(setting).ok().filter(|_| setting != KAFKAS_RECEIVE_BUFFER)
}

pub(super) fn open(
    config: BrokerConfig,
    disk: Arc<dyn Disk>,
    door: Door<'_>,
    flushing: Flushing,
) -> Result<Opened, StartError> {
    let cluster_id = check(&config, &disk)?;
    let mut dirs = Vec::new();
    let mut clean = Some(-1);
    for path in &config.log_dirs {
        let mut dir = LogDir::open(&disk, path)?;
        dir.keep_free(config.ottla_log_dir_reserved_bytes as u64);
        clean = clean.and_then(|_| dir.clean_shutdown().map(|mark| mark.broker_epoch));
        let flusher = match flushing {
            Flushing::Thread => {
                Flusher::start(Arc::clone(&disk)).map_err(|e| StartError::Io("the flusher", e))?
            }
            Flushing::ByHand => Flusher::by_hand(Arc::clone(&disk)),
        };
        dirs.push(DataDir { dir, flusher: Arc::new(flusher) });
    }
    let metadata = open_metadata(&config, &disk, door.bound, door.descriptors)?;
    // The logs come after the metadata: what may be missing in one depends on its topic's settings.
    let mut found = FoundLogs::default();
    for (at, data_dir) in dirs.iter().enumerate() {
        find_logs(&config, &metadata.image(), (&data_dir.dir, at), &mut found)?;
    }
    dirs.iter().try_for_each(|data_dir| data_dir.dir.on_recovered())?;
    let commit_timeout = Duration::from_millis(u64::try_from(config.offsets_commit_timeout_ms).unwrap_or(0));
    let groups = GroupDesks::new(settings_of(&config), commit_timeout, clock::steady);
    let level = metadata.image().features.level(feature::TRANSACTION_VERSION);
    let transactions = TransactionDesks::with_settings(
        transaction_settings_of(&config, level),
        COMMIT_TIMEOUT,
        clock::steady,
    );
    let broker = Broker {
        cluster_id: cluster_id.into(),
        disk,
        dirs,
        partitions: Partitions::default(),
        metadata,
        groups,
        transactions,
        metrics: Arc::new(Metrics::new()),
        producer_ids: ProducerIds::default(),
        fetch_sessions: Mutex::new(FetchSessions::new(session_limits(&config))),
        doomed: Mutex::default(),
        cleaner: Cleaner::default(),
        checkpoints: Mutex::default(),
        dynamic: ArcSwap::from_pointee(dynamic_config_of_file(&config.file)),
        connections: door.connections,
        config,
    };
    Ok(Opened { broker, found, clean })
}

fn session_limits(config: &BrokerConfig) -> SessionLimits {
    let slots = usize::try_from(config.max_incremental_fetch_session_cache_slots).unwrap_or(0);
    SessionLimits { slots, ..SessionLimits::default() }
}

/// Refuses what this release could not serve, before anything is written; answers the cluster's id.
fn check(config: &BrokerConfig, disk: &Arc<dyn Disk>) -> Result<String, StartError> {
    let _locks = lock_all(&**disk, config)?;
    let survey = survey(disk, config);
    if !survey.refusals.is_empty() {
        return Err(StartError::Refused(survey.refusals.join("\n  ")));
    }
    survey.remarks.iter().for_each(|remark| tracing::warn!("{remark}"));
    let cluster_id = survey.cluster_id().map(ToOwned::to_owned);
    cluster_id.ok_or_else(|| StartError::Register("no data directory".into()))
}

fn find_logs(
    config: &BrokerConfig,
    image: &Image,
    (dir, at): (&LogDir, usize),
    found: &mut FoundLogs,
) -> Result<(), StartError> {
    let threads = usize::try_from(config.num_recovery_threads_per_data_dir).unwrap_or(1);
    let layers = OwnedLayers::read(config, image);
    let expiration_ms = DynamicBrokerConfig::new(&layers.view()).producer_id_expiration_ms;
    // Once for each topic: it may have thousands of partitions.
    let topics = image.topics.iter();
    let known: HashMap<&str, LogConfig> = topics
        .map(|topic| (&*topic.name, log_config(&layers.topic(image, &topic.name), expiration_ms)))
        .collect();
    // Nobody knows a topic without settings; if it was compacted, nothing may be taken for missing.
    let unknown = LogConfig { compact: true, ..LogConfig::default() };
    let settings = |of: &TopicPartition| known.get(of.topic.as_str()).copied().unwrap_or(unknown);
    let opened = dir.open_all(threads, clock::wall(), settings)?;
    for one in opened.partitions {
        match one.log {
            Ok(log) => {
                let high_watermark = dir.high_watermark(&one.partition);
                let log = FoundLog { dir: at, topic_id: one.topic_id, log, high_watermark };
                found.logs.insert(one.partition, log);
            }
            // Served by nobody until somebody has looked at it; the others go on.
            Err(error) => {
                tracing::error!(partition = %one.partition, %error, "a partition stays offline");
                found.damaged.insert(one.partition);
            }
        }
    }
    Ok(())
}

fn open_metadata(
    config: &BrokerConfig,
    disk: &Arc<dyn Disk>,
    bound: &[Listener],
    descriptors: Descriptors,
) -> Result<Arc<MetadataShell>, StartError> {
    let meta = read_meta_properties(&**disk, &config.metadata_log_dir)?
        .ok_or_else(|| LogDirError::NotFormatted(config.metadata_log_dir.display().to_string()))?;
    let dir = MetadataDir::new(Arc::clone(disk), &config.metadata_log_dir);
    let segments = SegmentLimits {
        bytes: u64::try_from(config.metadata_log_segment_bytes).unwrap_or_default(),
        ms: config.metadata_log_segment_ms,
    };
    let log = SegmentedLog::open(disk, &dir, &segments, clock::wall)?;
    let voter = format::this_voter(config, meta.directory_id);
    let listeners = voter.endpoints.iter().map(|endpoint| Endpoint {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: bound.iter().find(|b| *b.name == *endpoint.name).map_or(endpoint.port, |b| b.address.port()),
        security_protocol: 0,
    });
    let controller = ControllerNode {
        id: config.node_id,
        incarnation_id: random_id(),
        listeners: listeners.collect(),
        features: SUPPORTED.iter().map(|(name, low, high)| (Str::from_static(name), (*low, *high))).collect(),
    };
    Ok(MetadataShell::open(OpenMetadata {
        me: ReplicaKey { id: config.node_id, directory_id: meta.directory_id },
        static_voters: vec![voter],
        dir,
        log,
        options: ControllerOptions {
            default_partitions: config.num_partitions,
            default_replication_factor: config.default_replication_factor,
            default_min_in_sync_replicas: config.min_insync_replicas,
            delete_topic_enable: config.delete_topic_enable,
            max_partitions: config.ottla_max_partitions.unwrap_or_else(|| descriptors.most_partitions()),
            node_id: config.node_id,
            local_broker: Some(config.node_id),
            bootstrap: bootstrap_records(),
            rules: Box::new(Rules { file: config.file.clone() }),
        },
        controller,
        clock: clock::wall,
        snapshots: SnapshotPolicy {
            every_bytes: u64::try_from(config.metadata_log_max_record_bytes_between_snapshots).unwrap_or(1),
            retention_bytes: config.metadata_max_retention_bytes,
            retention_ms: config.metadata_max_retention_ms,
        },
    })?)
}
