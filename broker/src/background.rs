//! What happens by itself: retention, checkpoints, timed flushes, expiry of producers, removal of deleted files.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use ottla_config::CleanupPolicy;
use tokio::{
    sync::watch,
    time::{Instant, Interval, interval, interval_at},
};

use crate::{broker::Broker, clock};

/// How often doomed files and `flush.ms` are looked at.
const TICK: Duration = Duration::from_millis(500);

/// Runs until `stop` changes.
pub(crate) async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let ms = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(1).max(1));
    let mut tick = interval(TICK);
    // So long a restart leaves whoever comes back what has grown old meanwhile.
    let first_retention = Instant::now() + ms(broker.config.log_initial_task_delay_ms);
    let mut retention = interval_at(first_retention, ms(broker.config.log_retention_check_interval_ms));
    let mut checkpoints =
        interval(ms(broker.config.log_flush_offset_checkpoint_interval_ms).min(CHECKPOINTS));
    let mut snapshots = snapshots(broker.config.metadata_log_max_snapshot_interval_ms);
    let mut producers = interval(ms(broker.config.producer_id_expiration_check_interval_ms));
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = tick.tick() => {
                blocking(&broker, remove_doomed).await;
                flush_by_time(&broker);
            }
            _ = retention.tick() => blocking(&broker, apply_retention).await,
            _ = checkpoints.tick() => blocking(&broker, |broker| report(write_checkpoints(broker))).await,
            _ = snapshots.tick() => {
                if let Err(error) = broker.metadata.snapshot().await {
                    tracing::error!(%error, "a metadata snapshot could not be written");
                }
            }
            _ = producers.tick() => expire_producers(&broker),
        }
    }
}

/// `metadata.log.max.snapshot.interval.ms`; 0 is never.
fn snapshots(interval_ms: i64) -> Interval {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let pause =
        u64::try_from(interval_ms).ok().filter(|ms| *ms > 0).map_or(YEAR, Duration::from_millis).min(YEAR);
    interval_at(Instant::now() + pause, pause)
}

/// Checkpoints bound what a restart has to scan and how far the high watermark can fall back.
const CHECKPOINTS: Duration = Duration::from_secs(5);

async fn blocking(broker: &Arc<Broker>, work: fn(&Broker)) {
    let broker = Arc::clone(broker);
    if let Err(error) = tokio::task::spawn_blocking(move || work(&broker)).await {
        tracing::error!(%error, "background work failed");
    }
}

fn report(result: io::Result<()>) {
    if let Err(error) = result {
        tracing::error!(%error, "writing checkpoints failed");
    }
}

/// Removes what its delay has kept until now.
pub(crate) fn remove_doomed(broker: &Broker) {
    let now = clock::monotonic().0;
    let due: Vec<_> = {
        let mut doomed = broker.doomed.lock();
        let (due, later) = doomed.drain(..).partition(|(at, _)| *at <= now);
        *doomed = later;
        due
    };
    for (_, path) in due {
        let is_dir = path.extension().is_none_or(|end| end != "deleted");
        let removed = if is_dir { broker.disk.remove_dir_all(&path) } else { broker.disk.remove_file(&path) };
        if let Err(error) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove deleted data");
        }
    }
}

pub(crate) fn apply_retention(broker: &Broker) {
    apply_retention_to(broker, |_| true);
}

/// Applies it to the partitions of topics with such a policy.
pub(crate) fn apply_retention_to(broker: &Broker, which: impl Fn(&CleanupPolicy) -> bool) {
    let now = clock::wall();
    for partition in broker.partitions.all() {
        let config = partition.config();
        if !which(&config.cleanup_policy) {
            continue;
        }
        let delay = config.file_delete_delay_ms;
        let removed = partition.with_log(|log, leader| log.apply_retention(now, leader.high_watermark()));
        match removed {
            Ok(files) => doom(broker, files, delay),
            Err(error) => tracing::error!(partition = %partition.name(), %error, "retention failed"),
        }
    }
}

/// Lets renamed files go after a delay.
pub(crate) fn doom(broker: &Broker, files: Vec<PathBuf>, delay_ms: i64) {
    let due = clock::monotonic().plus(delay_ms).0;
    broker.doomed.lock().extend(files.into_iter().map(|file| (due, file)));
}

/// Writes the offset checkpoints of every data directory.
pub(crate) fn write_checkpoints(broker: &Broker) -> io::Result<()> {
    // One at a time: what is collected first must not be written last.
    let _writing = broker.checkpoints.lock();
    let partitions = broker.partitions.all();
    for (at, data_dir) in broker.dirs.iter().enumerate() {
        let offsets: Vec<_> = partitions
            .iter()
            .filter(|partition| partition.dir() == at)
            .map(|partition| partition.checkpoint())
            .collect();
        data_dir.dir.write_checkpoints(&offsets).map_err(io::Error::other)?;
    }
    Ok(())
}

/// `flush.ms`: partitions in page-cache mode whose topic wants a flush by time.
fn flush_by_time(broker: &Broker) {
    for partition in broker.partitions.all() {
        if partition.config().flush_ms < i64::MAX / 2 && partition.inspect(|log, _| log.is_dirty()) {
            partition.request_flush();
        }
    }
}

fn expire_producers(broker: &Broker) {
    let now = clock::wall();
    for partition in broker.partitions.all() {
        partition.expire_producers(now, broker.dynamic.load().producer_id_expiration_ms);
    }
}
