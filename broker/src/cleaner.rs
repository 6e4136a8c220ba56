//! The log cleaner: threads that compact logs, always the dirtiest one first.
//!
//! Which log that is stands in `choice.rs`, how fast it may go in `throttle.rs`; what stays of a log is decided in
//! `ottla-log`. A partition whose cleaning fails is left alone from then on, until the broker starts again: its log
//! grows, but the others are still compacted. Where to start: [`Cleaners::start`].

mod choice;
mod throttle;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use ottla_log::{CleanError, CleanerMemory, CleaningDone, TopicPartition};
use ottla_types::Uuid;
use parking_lot::{Condvar, Mutex};

use crate::{background, broker::Broker, clock, partition::Partition};
use choice::{Choice, dirtiest};
use throttle::Throttle;

/// What the cleaner's threads share.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    stop: AtomicBool,
    /// Held while somebody waits on the bell.
    sleeping: Mutex<()>,
    bell: Condvar,
    /// Compacted by some thread at the moment.
    busy: Mutex<BTreeSet<TopicPartition>>,
    uncleanable: Mutex<BTreeMap<TopicPartition, Uuid>>,
    throttle: Mutex<Throttle>,
    told: Mutex<Told>,
}

/// What metrics tell of the cleaner.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    /// When a log to compact was last looked for.
    pub(crate) last_run: Option<Instant>,
    /// How dirty the dirtiest log was, from 0 to 1.
    pub(crate) max_dirty_ratio: f64,
    /// How much too long the oldest record has waited, by `max.compaction.lag.ms`.
    pub(crate) max_delay_ms: i64,
    /// Logs compacted.
    pub(crate) cleanings: u64,
    /// The last of them.
    pub(crate) last: CleaningDone,
    /// How long that took.
    pub(crate) last_took: Duration,
    /// How full its memory of keys was, from 0 to 1.
    pub(crate) last_utilization: f64,
}

/// The cleaner's threads.
#[derive(Debug)]
pub(crate) struct Cleaners {
    broker: Arc<Broker>,
    first: JoinHandle<()>,
}

impl Cleaners {
    /// Starts compacting.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub(crate) fn start(broker: &Arc<Broker>) -> io::Result<Self> {
        let first = spawn(Arc::clone(broker), 0)?;
        Ok(Self { broker: Arc::clone(broker), first })
    }

    /// Stops at once; returns when no log is touched any more.
    pub(crate) fn stop(self) {
        self.broker.cleaner.ask_to_stop();
        if self.first.join().is_err() {
            tracing::error!("the log cleaner has panicked");
        }
    }
}

fn spawn(broker: Arc<Broker>, index: usize) -> io::Result<JoinHandle<()>> {
    let name = format!("log-cleaner-{index}");
    std::thread::Builder::new().name(name).spawn(move || run(&broker, index))
}

/// One thread, which is there as long as `log.cleaner.threads` has it; the first one starts the others.
fn run(broker: &Arc<Broker>, index: usize) {
    let mut others: Vec<JoinHandle<()>> = Vec::new();
    let wanted = || broker.dynamic.load().log_cleaner_threads;
    while !broker.cleaner.is_stopped() && (index == 0 || index < wanted()) {
        if index == 0 {
            others.retain(|thread| !thread.is_finished());
            // One that has ended was told to, and those behind it too.
            while others.len() + 1 < wanted() {
                match spawn(Arc::clone(broker), others.len() + 1) {
                    Ok(thread) => others.push(thread),
                    Err(error) => {
                        tracing::error!(%error, "a thread of the log cleaner cannot be started");
                        break;
                    }
                }
            }
        }
        let cleaned = index < wanted() && clean_dirtiest(broker);
        if !cleaned {
            if index == 0 {
                background::apply_retention_to(broker, |policy| policy.compact && policy.delete);
            }
            broker.cleaner.sleep(Duration::from_millis(broker.dynamic.load().log_cleaner_backoff_ms));
        }
    }
    for thread in others {
        if thread.join().is_err() {
            tracing::error!("a thread of the log cleaner has panicked");
        }
    }
}

impl Cleaner {
    pub(crate) fn ask_to_stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        // Whoever has looked at `stop` before holds the lock until it hears the bell.
        drop(self.sleeping.lock());
        self.bell.notify_all();
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn sleep(&self, time: Duration) {
        let mut sleeping = self.sleeping.lock();
        if !self.is_stopped() {
            self.bell.wait_for(&mut sleeping, time);
        }
    }

    pub(crate) fn told(&self) -> Told {
        *self.told.lock()
    }

    /// Whether it was found that the partition cannot be compacted.
    pub(crate) fn is_uncleanable(&self, partition: &Partition) -> bool {
        self.uncleanable.lock().get(&partition.name()) == Some(&partition.topic_id())
    }
}

/// Compacts the dirtiest log, if any is worth it. False when there is nothing to do, or it has to wait.
pub(crate) fn clean_dirtiest(broker: &Broker) -> bool {
    let Some(choice) = claim(broker) else { return false };
    let partition = Arc::clone(&choice.partition);
    let began = Instant::now();
    let result = clean(broker, &choice);
    broker.cleaner.busy.lock().remove(&partition.name());
    match result {
        Ok(None) => false,
        Ok(Some(done)) => {
            finished(broker, &choice, &done, began.elapsed());
            true
        }
        Err(CleanError::Stopped | CleanError::Changed) => false,
        Err(CleanError::Later(error)) => {
            tracing::warn!(partition = %partition.name(), %error, "compaction has to wait");
            false
        }
        Err(CleanError::Failed(_)) if partition.is_deleted() => false,
        Err(CleanError::Failed(error)) => {
            let name = partition.name();
            tracing::error!(partition = %name, %error, "a partition cannot be compacted, and is left alone until the next start");
            broker.cleaner.uncleanable.lock().insert(name, partition.topic_id());
            true
        }
    }
}

/// Chooses a log no other thread is at.
fn claim(broker: &Broker) -> Option<Choice> {
    let mut busy = broker.cleaner.busy.lock();
    let partitions = broker.partitions.all();
    let free = |partition: &Arc<Partition>| {
        !busy.contains(&partition.name())
            && !broker.cleaner.is_uncleanable(partition)
            && broker.dirs[partition.dir()].flusher.failure().is_none()
            && partition.inspect(|log, _| log.failure().is_none())
    };
    let candidates = partitions.into_iter().filter(free).filter_map(|partition| {
        let cleaned = broker.dirs[partition.dir()].dir.cleaned(&partition.name());
        Choice::new(partition, cleaned, clock::wall())
    });
    let (choice, survey) = dirtiest(candidates);
    let mut told = broker.cleaner.told.lock();
    told.last_run = Some(Instant::now());
    told.max_dirty_ratio = survey.max_dirty_ratio;
    told.max_delay_ms = survey.max_delay_ms;
    busy.extend(choice.iter().map(|choice| choice.partition.name()));
    choice
}

fn clean(broker: &Broker, choice: &Choice) -> Result<Option<CleaningDone>, CleanError> {
    let partition = &choice.partition;
    // What was compacted has gaps, which recovery must not take for lost records: it is told up to where everything is
    // durable before the first gap is made.
    let durable = partition.inspect(|log, _| log.recovery_point());
    background::write_checkpoints(broker)?;
    let now = clock::wall();
    let cleaning = partition.with_log(|log, leader| {
        let bound = leader.high_watermark().min(leader.last_stable_offset()).min(durable);
        let cleanable = log.cleanable(choice.cleaned, bound, now);
        (cleanable.dirty_bytes > 0).then(|| log.plan_cleaning(&cleanable, now)).transpose()
    })?;
    let Some(cleaning) = cleaning else { return Ok(None) };
    let mut pace = |bytes| {
        broker.cleaner.pace(bytes, broker.dynamic.load().log_cleaner_io_max_bytes_per_second);
        !broker.cleaner.is_stopped() && partition.is_compacted()
    };
    let mut replace = |cleaned| {
        let removed = partition.with_log(|log, _| log.replace(cleaned))?;
        background::doom(broker, removed, partition.config().file_delete_delay_ms);
        Ok(())
    };
    let done = cleaning.run(&memory(broker), &mut pace, &mut replace).map_err(|error| match error {
        // What was read of a log that has changed may look like damage.
        CleanError::Failed(_) if partition.inspect(|log, _| log.has_changed_since(&cleaning)) => {
            CleanError::Changed
        }
        error => error,
    })?;
    if partition.is_deleted() {
        // Another topic may have its name by now.
        return Err(CleanError::Changed);
    }
    let known = |name: &TopicPartition| broker.partitions.by_name(&name.topic, name.partition).is_some();
    let dir = &broker.dirs[partition.dir()].dir;
    dir.set_cleaned(&partition.name(), done.end, known).map_err(io::Error::other)?;
    Ok(Some(done))
}

impl Cleaner {
    fn pace(&self, bytes: u64, most_per_second: f64) {
        let wait = self.throttle.lock().passed(bytes, most_per_second, Instant::now());
        if let Some(wait) = wait {
            self.sleep(wait);
        }
    }
}

/// Each thread has its part of what all of them together may use.
fn memory(broker: &Broker) -> CleanerMemory {
    /// Less than this would not be worth a read.
    const LEAST_IO: u64 = 4096;
    let config = broker.dynamic.load();
    let threads = config.log_cleaner_threads.max(1) as u64;
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    CleanerMemory {
        map_bytes: size(config.log_cleaner_dedupe_buffer_size / threads),
        load_factor: config.log_cleaner_io_buffer_load_factor,
        // One for reading and one for writing.
        io_bytes: size((config.log_cleaner_io_buffer_size / threads / 2).max(LEAST_IO)),
    }
}

fn finished(broker: &Broker, choice: &Choice, done: &CleaningDone, took: Duration) {
    tracing::info!(
        partition = %choice.partition.name(),
        from = choice.cleaned,
        to = done.end,
        keys = done.keys,
        records_before = done.records_before,
        records_after = done.records_after,
        bytes_before = done.bytes_before,
        bytes_after = done.bytes_after,
        ms = took.as_millis() as u64,
        "a log was compacted"
    );
    let most = memory(broker).map_bytes.max(1);
    let mut told = broker.cleaner.told.lock();
    told.cleanings += 1;
    told.last = *done;
    told.last_took = took;
    told.last_utilization = (done.keys * CleaningDone::BYTES_PER_KEY) as f64 / most as f64;
}
