//! One partition this broker holds: its log and its leader behind one short lock.
//!
//! A partition is a value, owned by no task. Appends, reads and watermark moves run on the connection's own task; the
//! flusher calls back on its thread. The lock is never held across an await or a disk sync.

mod append;
mod epochs;
mod journal;
mod read;
mod stored;
mod table;
mod transactions;
mod watchers;

use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use ottla_config::TopicConfig;
use ottla_log::{Checkpointed, FlushTarget, FlushWork, Flushed, Flusher, Log, TopicPartition};
use ottla_mutant::mutant;
use ottla_replication::{
    leader::{Durability, Leader, NewLeader},
    producer::Verifications,
};
use ottla_types::{Millis, Str, Uuid};
use parking_lot::Mutex;

pub(crate) use append::{AppendError, Appended};
pub(crate) use journal::PartitionJournal;
pub(crate) use read::{FetchError, Isolation, PartitionRead, ReadRequest};
pub(crate) use stored::records;
pub(crate) use table::Partitions;
pub(crate) use transactions::{EndMarker, Word};
pub(crate) use watchers::Waiter;

use watchers::Watchers;

/// What does not change while the partition is held here.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) topic: Str,
    pub(crate) topic_id: Uuid,
    pub(crate) index: i32,
}

#[derive(Debug)]
pub(crate) struct Partition {
    identity: Identity,
    /// Position of the data directory among `log.dirs`.
    dir: usize,
    config: ArcSwap<TopicConfig>,
    state: Mutex<State>,
    watchers: Watchers,
    flusher: Arc<Flusher>,
    this: Weak<Self>,
}

#[derive(Debug)]
struct State {
    log: Log,
    leader: Leader,
    /// Transactions whose coordinator has been asked about their first batch here.
    verifications: Verifications,
    /// The topic is gone: nothing is appended or read any more.
    deleted: bool,
}

/// How this broker came to lead a partition.
#[derive(Debug)]
pub(crate) struct Leadership {
    pub(crate) node: i32,
    pub(crate) epoch: i32,
    pub(crate) replicas: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    /// From the checkpoint.
    pub(crate) high_watermark: i64,
}

/// Flushed before acknowledged, or Kafka's page cache: `flush.messages` decides.
fn durability(config: &TopicConfig) -> Durability {
    if config.flush_messages <= 1 { Durability::Synced } else { Durability::PageCache }
}

fn min_in_sync(config: &TopicConfig) -> usize {
    usize::try_from(config.min_insync_replicas).unwrap_or(1)
}

fn new_leader(log: &Log, config: &TopicConfig, leadership: Leadership) -> Leader {
    let mut leader = Leader::new(NewLeader {
        node: leadership.node,
        epoch: leadership.epoch,
        replicas: leadership.replicas,
        isr: leadership.isr,
        min_in_sync: min_in_sync(config),
        log_start: log.log_start(),
        log_end: log.next_offset(),
        flushed: log.flushed(),
        high_watermark: leadership.high_watermark,
        durability: durability(config),
        now: crate::clock::monotonic(),
    });
    leader.set_first_unstable(log.producers().first_unstable_offset());
    leader
}

impl Partition {
    pub(crate) fn new(
        identity: Identity,
        dir: usize,
        log: Log,
        config: Arc<TopicConfig>,
        leadership: Leadership,
        flusher: Arc<Flusher>,
    ) -> Arc<Self> {
        let leader = new_leader(&log, &config, leadership);
        let needs_flush = log.is_dirty();
        let partition = Arc::new_cyclic(|this| Self {
            identity,
            dir,
            config: ArcSwap::new(config),
            state: Mutex::new(State { log, leader, verifications: Verifications::default(), deleted: false }),
            watchers: Watchers::default(),
            flusher,
            this: this.clone(),
        });
        if needs_flush {
            // What recovery found counts once it is surely on the disk.
            partition.request_flush();
        }
        partition
    }

    pub(crate) fn topic(&self) -> &Str {
        &self.identity.topic
    }

    pub(crate) fn topic_id(&self) -> Uuid {
        self.identity.topic_id
    }

    pub(crate) fn index(&self) -> i32 {
        self.identity.index
    }

    /// Position of its data directory among `log.dirs`.
    pub(crate) fn dir(&self) -> usize {
        self.dir
    }

    pub(crate) fn name(&self) -> TopicPartition {
        TopicPartition { topic: self.identity.topic.to_string(), partition: self.identity.index }
    }

    pub(crate) fn config(&self) -> Arc<TopicConfig> {
        self.config.load_full()
    }

    /// Looks at log and leader together.
    pub(crate) fn inspect<T>(&self, look: impl FnOnce(&Log, &Leader) -> T) -> T {
        let state = self.state.lock();
        look(&state.log, &state.leader)
    }

    /// Changes the log where that does not move any watermark: retention, expiry of producers.
    pub(crate) fn with_log<T>(&self, change: impl FnOnce(&mut Log, &Leader) -> T) -> T {
        let mut state = self.state.lock();
        let State { log, leader, .. } = &mut *state;
        let result = change(log, leader);
        leader.on_log_start(log.log_start());
        result
    }

    /// Whether its topic is gone.
    pub(crate) fn is_deleted(&self) -> bool {
        self.state.lock().deleted
    }

    /// Whether the newest record of each key is all that stays of its log.
    pub(crate) fn is_compacted(&self) -> bool {
        self.config.load().cleanup_policy.compact
    }

    /// Other settings, from now on.
    pub(crate) fn reconfigure(&self, config: Arc<TopicConfig>, log_config: ottla_log::LogConfig) {
        let (moved, dirty) = {
            let mut state = self.state.lock();
            state.log.set_config(log_config);
            let in_sync = state.leader.set_min_in_sync(min_in_sync(&config));
            (state.leader.set_durability(durability(&config)) || in_sync, state.log.is_dirty())
        };
        self.config.store(config);
        if dirty {
            // Records may be waiting for a flush that the former settings did not ask for.
            self.request_flush();
        }
        if moved {
            self.watchers.wake_all();
        }
    }

    /// The controller decided again: another epoch begins, or the in-sync replicas are others. The watermark known so
    /// far stays.
    pub(crate) fn lead(&self, leadership: Leadership) {
        let config = self.config();
        {
            let mut state = self.state.lock();
            if leadership.epoch == state.leader.epoch() {
                state.leader.on_isr(leadership.isr);
            } else {
                let high_watermark = state.leader.high_watermark().max(leadership.high_watermark);
                state.leader = new_leader(&state.log, &config, Leadership { high_watermark, ..leadership });
            }
            Self::after_watermark(&mut state);
        }
        self.watchers.wake_all();
    }

    /// The topic is gone: whoever waits is told, nothing is appended any more.
    pub(crate) fn delete(&self) {
        let mut state = self.state.lock();
        state.deleted = true;
        state.log.fail("the topic was deleted".into());
        drop(state);
        self.watchers.wake_all();
    }

    /// Wants everything appended so far on the disk soon.
    pub(crate) fn request_flush(&self) {
        let target: Weak<dyn FlushTarget> = self.this.clone();
        self.flusher.request(target);
    }

    pub(crate) fn checkpoint(&self) -> Checkpointed {
        self.inspect(|log, leader| Checkpointed {
            partition: self.name(),
            recovery_point: log.recovery_point(),
            log_start: log.log_start(),
            high_watermark: leader.high_watermark(),
        })
    }

    /// Ends the log cleanly.
    pub(crate) fn close(&self) -> std::io::Result<()> {
        let mut state = self.state.lock();
        let State { log, leader, .. } = &mut *state;
        log.close()?;
        leader.on_flushed(log.flushed());
        Ok(())
    }

    /// Forgets producers nobody has heard of for long.
    pub(crate) fn expire_producers(&self, now: Millis, expiration_ms: i64) {
        let mut state = self.state.lock();
        state.log.producers_mut().expire(now, expiration_ms);
        state.verifications.expire(now, expiration_ms);
    }

    fn after_watermark(state: &mut State) {
        let high_watermark = state.leader.high_watermark();
        state.log.producers_mut().on_high_watermark(high_watermark);
        let unstable = state.log.producers().first_unstable_offset();
        state.leader.set_first_unstable(unstable);
    }
}

impl FlushTarget for Partition {
    fn start_flush(&self) -> FlushWork {
        self.state.lock().log.start_flush()
    }

    fn on_flushed(&self, flushed: Flushed) {
        let (moved, reached) = {
            let mut state = self.state.lock();
            state.log.on_flushed(flushed);
            let durable = state.log.flushed();
            let moved = state.leader.on_flushed(durable);
            Self::after_watermark(&mut state);
            (moved, durable.max(state.leader.high_watermark()))
        };
        // With acks=1 a flush answers producers even where it moves no watermark.
        if moved || !self.watchers.is_empty() {
            self.watchers.wake_up_to(reached);
        }
    }

    fn on_flush_postponed(&self, work: FlushWork) {
        self.state.lock().log.on_flush_postponed(work);
    }

    fn on_flush_failed(&self, error: &std::io::Error) {
        if mutant!("sync_tried_again") {
            return self.request_flush();
        }
        if self.state.lock().deleted {
            // Its directory was renamed under the flush; nobody waits for it any more.
            return;
        }
        tracing::error!(partition = %self.name(), %error, "a flush failed; the partition takes no more records");
        self.state.lock().log.fail(format!("flush failed: {error}"));
        self.watchers.wake_all();
    }

    fn is_gone(&self) -> bool {
        self.is_deleted()
    }
}
