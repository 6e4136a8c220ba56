//! Group commit: one thread per data directory makes appends durable, all that wait at a time.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, OnceLock, Weak},
    thread::JoinHandle,
};

use ottla_disk::Disk;
use parking_lot::{Condvar, Mutex};

use crate::FlushWork;

/// A log that has something to flush.
pub trait FlushTarget: Send + Sync {
    /// What must be synced, and up to which offset that makes the log durable.
    fn start_flush(&self) -> FlushWork;

    /// Everything below `offset` is durable; called on the flusher's thread.
    fn on_flushed(&self, offset: i64);

    /// The flush failed: the data may be gone, and syncing again would not bring it back.
    fn on_flush_failed(&self, error: &io::Error);

    /// Whether its files were taken away on purpose: that a flush misses them then says nothing about the disk.
    fn is_gone(&self) -> bool {
        false
    }
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Weak<dyn FlushTarget>>,
    /// Where those that wait lie in memory: a weak reference keeps the place from being used again.
    known: HashSet<usize>,
    stopped: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    disk: Arc<dyn Disk>,
    /// What the first failed sync said. The kernel has marked the lost pages clean, so a second sync would lie.
    failure: OnceLock<String>,
}

/// The flushing thread of one data directory.
///
/// Whoever appended asks once; while one round of syncs runs, all further requests gather for the next. The cost of a
/// sync is so shared by everyone who waits. Once a sync has failed the directory is offline: nothing in it is ever
/// synced again, and everyone who asks is told.
pub struct Flusher {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Files synced at the same time: the device serves several queues better than one, a thread each is cheap here.
const PARALLEL: usize = 4;

impl Flusher {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(disk: Arc<dyn Disk>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            filled: Condvar::new(),
            disk,
            failure: OnceLock::new(),
        });
        let thread = std::thread::Builder::new().name("flusher".into()).spawn({
            let shared = Arc::clone(&shared);
            move || run(&shared)
        })?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Wants `target` flushed soon. A target that asks again before its turn is flushed once.
    pub fn request(&self, target: Weak<dyn FlushTarget>) {
        let mut queue = self.shared.queue.lock();
        if queue.known.insert(Weak::as_ptr(&target).cast::<()>() as usize) {
            queue.waiting.push(target);
            self.shared.filled.notify_one();
        }
    }

    /// Why nothing is flushed any more, if so: the whole directory is offline.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.shared.failure.get().map(String::as_str)
    }

    /// Flushes what was asked for and ends the thread.
    pub fn stop(&self) {
        self.shared.queue.lock().stopped = true;
        self.shared.filled.notify_one();
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Flusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flusher")
    }
}

fn run(shared: &Shared) {
    loop {
        let round = {
            let mut queue = shared.queue.lock();
            while queue.waiting.is_empty() && !queue.stopped {
                shared.filled.wait(&mut queue);
            }
            if queue.waiting.is_empty() {
                return;
            }
            queue.known.clear();
            std::mem::take(&mut queue.waiting)
        };
        let targets: Vec<_> = round.iter().filter_map(Weak::upgrade).collect();
        match &targets[..] {
            [] => {}
            [one] => flush(shared, &**one),
            many => {
                let share = many.len().div_ceil(PARALLEL);
                std::thread::scope(|scope| {
                    for part in many.chunks(share) {
                        scope.spawn(|| part.iter().for_each(|target| flush(shared, &**target)));
                    }
                });
            }
        }
    }
}

fn flush(shared: &Shared, target: &dyn FlushTarget) {
    if let Some(why) = shared.failure.get() {
        return target.on_flush_failed(&io::Error::other(why.clone()));
    }
    let work = target.start_flush();
    match work.run(&*shared.disk) {
        Ok(()) => target.on_flushed(work.end),
        Err(error) if error.kind() == io::ErrorKind::NotFound && target.is_gone() => {
            target.on_flush_failed(&error);
        }
        Err(error) => {
            let _ = shared.failure.set(format!("an earlier flush failed: {error}"));
            target.on_flush_failed(&error);
        }
    }
}

#[cfg(test)]
mod tests;
