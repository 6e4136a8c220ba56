use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use ottla_net::StatsView;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use super::coordinators::{self, CoordinatorsState};

/// Where the numbers of a scrape come from.
pub trait Source: Send + Sync + 'static {
    /// The state of everything now.
    fn snapshot(&self) -> Snapshot;

    /// Whether clients are served.
    ///
    /// # Errors
    /// Why not, for a person.
    fn ready(&self) -> Result<(), String>;
}

/// The state of a broker at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Connections and bytes.
    pub net: StatsView,
    /// Bytes of the request memory that are free.
    pub free_request_memory: u64,
    /// Topics this broker knows.
    pub topics: u64,
    /// Fetch sessions, the partitions they name, and how many have had to give way.
    pub fetch_sessions: [u64; 3],
    /// Every partition here.
    pub logs: Vec<LogState>,
    /// Every offset a group has committed here.
    pub groups: Vec<GroupOffset>,
    /// The log cleaner.
    pub cleaner: CleanerState,
    /// Groups and transactional ids.
    pub coordinators: CoordinatorsState,
}

/// What the log cleaner does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CleanerState {
    /// How dirty the dirtiest log was when one was last chosen, in percent.
    pub max_dirty_percent: u64,
    /// Since then, in milliseconds.
    pub since_last_run_ms: u64,
    /// How much longer than `max.compaction.lag.ms` a record has waited, in seconds.
    pub max_compaction_delay_secs: u64,
    /// Logs compacted.
    pub cleanings: u64,
    /// What the last cleaning kept of the bytes it read, in percent.
    pub recopy_percent: u64,
    /// How full its memory of keys was, in percent.
    pub buffer_utilization_percent: u64,
    /// How long it took, in seconds.
    pub clean_time_secs: u64,
    /// By data directory: partitions that cannot be compacted, and their bytes.
    pub uncleanable: Vec<(String, u64, u64)>,
}

/// One partition's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// Its topic.
    pub topic: String,
    /// Its index.
    pub partition: i32,
    /// Bytes of its segments.
    pub size: u64,
    /// First offset.
    pub log_start_offset: i64,
    /// One past the last offset.
    pub log_end_offset: i64,
    /// Everything below may be read.
    pub high_watermark: i64,
    /// Everything below may be read by those who want to see committed transactions only.
    pub last_stable_offset: i64,
    /// Producers it remembers.
    pub producer_ids: u64,
    /// Whether a transaction has been open for longer than any may.
    pub late_transaction: bool,
}

/// How far a group is in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOffset {
    /// The group.
    pub group: String,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// What it has committed.
    pub committed: i64,
    /// How many records there are behind it; `None` when the partition is unknown.
    pub lag: Option<i64>,
}

pub(super) struct Scrape(pub(super) Arc<OnceLock<Arc<dyn Source>>>);

impl fmt::Debug for Scrape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrape")
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let now = self.0.get().map(|source| source.snapshot()).unwrap_or_default();
        encode_net(&mut encoder, &now)?;
        encode_process(&mut encoder)?;
        gauge(&mut encoder, "topics", "Topics", now.topics)?;
        gauge(&mut encoder, "partitions", "Partitions held by this broker", now.logs.len() as u64)?;
        let [sessions, partitions, evicted] = now.fetch_sessions;
        gauge(&mut encoder, "fetch_sessions", "Incremental fetch sessions", sessions)?;
        gauge(&mut encoder, "fetch_session_partitions", "Partitions named by fetch sessions", partitions)?;
        counter(&mut encoder, "fetch_sessions_evicted", "Fetch sessions that had to give way", evicted)?;
        encode_logs(&mut encoder, &now.logs)?;
        coordinators::encode_logs(&mut encoder, &now.logs)?;
        now.coordinators.encode(&mut encoder)?;
        encode_cleaner(&mut encoder, &now.cleaner)?;
        encode_groups(&mut encoder, &now.groups)
    }
}

fn encode_net(encoder: &mut DescriptorEncoder<'_>, now: &Snapshot) -> fmt::Result {
    let net = &now.net;
    gauge(encoder, "connections", "Open connections", net.open)?;
    counter(encoder, "connections_accepted", "Connections accepted", net.accepted)?;
    counter(encoder, "connections_refused", "Connections closed because of a limit", net.refused)?;
    counter(encoder, "connections_timed_out", "Connections closed for idling or not reading", net.timeouts)?;
    counter(
        encoder,
        "bad_frames",
        "Connections closed for a frame size that is not allowed",
        net.bad_frames,
    )?;
    counter(encoder, "accept_errors", "Failed accepts: out of descriptors or memory", net.accept_errors)?;
    counter(encoder, "received_bytes", "Bytes of request frames", net.bytes_in)?;
    counter(encoder, "sent_bytes", "Bytes of response frames", net.bytes_out)?;
    gauge(encoder, "request_memory_free_bytes", "Request memory that is free", now.free_request_memory)
}

fn encode_process(encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return Ok(()) };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    gauge(encoder, "resident_memory_bytes", "Resident memory of the process", kib.unwrap_or(0) * 1024)?;
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    gauge(encoder, "open_descriptors", "Open file descriptors of the process", open as u64)
}

fn encode_logs(encoder: &mut DescriptorEncoder<'_>, logs: &[LogState]) -> fmt::Result {
    type Field = fn(&LogState) -> i64;
    let fields: [(&str, &str, Field); 4] = [
        ("log_size_bytes", "Bytes of a partition's segments", |log| {
            i64::try_from(log.size).unwrap_or(i64::MAX)
        }),
        ("log_start_offset", "First offset of a partition", |log| log.log_start_offset),
        ("log_end_offset", "One past the last offset of a partition", |log| log.log_end_offset),
        ("high_watermark", "Records of a partition below this offset may be read", |log| log.high_watermark),
    ];
    for (name, help, value) in fields {
        let rows = logs.iter().map(|log| (of_partition(&log.topic, log.partition), value(log)));
        gauges(encoder, name, help, rows)?;
    }
    Ok(())
}

fn encode_cleaner(encoder: &mut DescriptorEncoder<'_>, now: &CleanerState) -> fmt::Result {
    let gauges_of_one = [
        ("max_dirty_percent", "Dirtiest log at the last look", now.max_dirty_percent),
        ("time_since_last_run_ms", "Milliseconds since a log was last looked for", now.since_last_run_ms),
        (
            "max_compaction_delay_secs",
            "Longest wait beyond max.compaction.lag.ms",
            now.max_compaction_delay_secs,
        ),
        ("recopy_percent", "Bytes kept by the last cleaning", now.recopy_percent),
        (
            "buffer_utilization_percent",
            "Memory of keys used by the last cleaning",
            now.buffer_utilization_percent,
        ),
        ("clean_time_secs", "Duration of the last cleaning", now.clean_time_secs),
    ];
    for (name, help, value) in gauges_of_one {
        gauge(encoder, &format!("log_cleaner_{name}"), help, value)?;
    }
    counter(encoder, "log_cleaner_cleanings", "Logs compacted", now.cleanings)?;
    type Field = fn(&(String, u64, u64)) -> u64;
    let by_dir: [(&str, &str, Field); 2] = [
        ("log_cleaner_uncleanable_partitions", "Partitions that cannot be compacted", |dir| dir.1),
        ("log_cleaner_uncleanable_bytes", "Bytes of partitions that cannot be compacted", |dir| dir.2),
    ];
    for (name, help, value) in by_dir {
        let labels = |dir: &str| vec![("log_directory", dir.to_owned())];
        let rows =
            now.uncleanable.iter().map(|dir| (labels(&dir.0), i64::try_from(value(dir)).unwrap_or(i64::MAX)));
        gauges(encoder, name, help, rows)?;
    }
    Ok(())
}

fn encode_groups(encoder: &mut DescriptorEncoder<'_>, groups: &[GroupOffset]) -> fmt::Result {
    let labels = |at: &GroupOffset| {
        let mut labels = vec![("group", at.group.clone())];
        labels.extend(of_partition(&at.topic, at.partition));
        labels
    };
    let committed = groups.iter().map(|at| (labels(at), at.committed));
    gauges(encoder, "group_committed_offset", "Offset a group has committed", committed)?;
    let lag = groups.iter().filter_map(|at| at.lag.map(|lag| (labels(at), lag)));
    gauges(encoder, "group_lag", "Records between a group's committed offset and the end", lag)
}

type Labels = Vec<(&'static str, String)>;

pub(super) fn of_partition(topic: &str, partition: i32) -> Labels {
    vec![("topic", topic.to_owned()), ("partition", partition.to_string())]
}

pub(super) fn gauges(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: impl Iterator<Item = (Labels, i64)>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in rows {
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

pub(super) fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let value = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    value.encode(encoder.encode_descriptor(name, help, None, value.metric_type())?)
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let value = ConstCounter::new(value);
    value.encode(encoder.encode_descriptor(name, help, None, value.metric_type())?)
}
