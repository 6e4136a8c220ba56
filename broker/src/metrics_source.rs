//! Where the metrics of a running broker are looked up.

use std::sync::{Arc, Weak};

use ottla_coordinator::group::ListGroups;
use ottla_net::StatsReader;

use crate::{
    broker::Broker,
    clock,
    metrics::{CleanerState, CoordinatorsState, GroupOffset, LogState, Snapshot, Source},
};

/// A broker and its sockets, as `/metrics` sees them. Holds the broker weakly: being looked at keeps nothing alive.
pub(crate) struct BrokerSource {
    pub(crate) broker: Weak<Broker>,
    pub(crate) sockets: StatsReader,
}

impl Source for BrokerSource {
    fn snapshot(&self) -> Snapshot {
        let Some(broker) = self.broker.upgrade() else { return Snapshot::default() };
        let sessions = {
            let sessions = broker.fetch_sessions.lock();
            [sessions.len() as u64, sessions.partitions() as u64, sessions.evicted()]
        };
        Snapshot {
            net: self.sockets.view(),
            free_request_memory: self.sockets.free_memory() as u64,
            topics: broker.image().topics.len() as u64,
            fetch_sessions: sessions,
            logs: logs(&broker),
            groups: groups(&broker),
            cleaner: cleaner(&broker),
            coordinators: coordinators(&broker),
        }
    }

    fn ready(&self) -> Result<(), String> {
        let broker: Arc<Broker> = self.broker.upgrade().ok_or("the broker has stopped")?;
        let image = broker.image();
        let registered = image.broker(broker.node_id()).ok_or("the broker is not registered")?;
        if registered.fenced { Err("the broker is fenced".into()) } else { Ok(()) }
    }
}

/// How much longer than the longest timeout a transaction may be open before it is late, as in Kafka.
const LATE_AFTER_MS: i64 = 5 * 60 * 1000;

fn logs(broker: &Broker) -> Vec<LogState> {
    let now = clock::wall();
    let longest_ms = i64::from(broker.config.transactions.transaction_max_timeout_ms) + LATE_AFTER_MS;
    let state = |partition: Arc<crate::partition::Partition>| {
        partition.inspect(|log, leader| LogState {
            topic: partition.topic().to_string(),
            partition: partition.index(),
            size: log.size(),
            log_start_offset: log.log_start(),
            log_end_offset: log.next_offset(),
            high_watermark: leader.high_watermark(),
            last_stable_offset: leader.last_stable_offset(),
            producer_ids: log.producers().len() as u64,
            late_transaction: log.producers().has_late_transaction(now, longest_ms),
        })
    };
    let mut logs: Vec<_> = broker.partitions.all().into_iter().map(state).collect();
    logs.sort_unstable_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    logs
}

fn cleaner(broker: &Broker) -> CleanerState {
    let told = broker.cleaner.told();
    let percent = |share: f64| (share * 100.0) as u64;
    let mut uncleanable: Vec<_> =
        broker.dirs.iter().map(|at| (at.dir.path().display().to_string(), 0, 0)).collect();
    for partition in broker.partitions.all() {
        if broker.cleaner.is_uncleanable(&partition) {
            let dir = &mut uncleanable[partition.dir()];
            dir.1 += 1;
            dir.2 += partition.inspect(|log, _| log.size());
        }
    }
    CleanerState {
        max_dirty_percent: percent(told.max_dirty_ratio),
        since_last_run_ms: told.last_run.map_or(0, |at| at.elapsed().as_millis() as u64),
        max_compaction_delay_secs: told.max_delay_ms.unsigned_abs() / 1000,
        cleanings: told.cleanings,
        recopy_percent: percent(told.last.bytes_after as f64 / told.last.bytes_before.max(1) as f64),
        buffer_utilization_percent: percent(told.last_utilization),
        clean_time_secs: told.last_took.as_secs(),
        uncleanable,
    }
}

fn coordinators(broker: &Broker) -> CoordinatorsState {
    let mut state = CoordinatorsState::default();
    broker.groups.survey(|groups| {
        groups.list_groups(&ListGroups::default()).iter().for_each(|group| state.group(group.state));
        state.offsets += groups.durable().offsets().count() as u64;
    });
    broker.transactions.survey(|transactions| {
        transactions.durable().iter().for_each(|(_, transaction)| state.transaction(transaction.state));
    });
    state
}

fn groups(broker: &Broker) -> Vec<GroupOffset> {
    let mut offsets = Vec::new();
    broker.groups.survey(|groups| {
        for (group, topic, partition, stored) in groups.durable().offsets() {
            offsets.push((group.to_string(), topic.to_string(), partition, stored.offset));
        }
    });
    let lag = |topic: &str, partition: i32, committed: i64| {
        let partition = broker.partitions.by_name(topic, partition)?;
        Some(partition.inspect(|_, leader| (leader.high_watermark() - committed).max(0)))
    };
    offsets
        .into_iter()
        .map(|(group, topic, partition, committed)| {
            let lag = lag(&topic, partition, committed);
            GroupOffset { group, topic, partition, committed, lag }
        })
        .collect()
}
