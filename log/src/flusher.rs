//! Group commit: one thread per data directory makes appends durable, all that wait at a time. Another lets the disk begin
//! with what nobody waits for.

mod behind;

use std::{
    collections::HashSet,
    io,
    sync::{Arc, OnceLock, Weak},
    thread::JoinHandle,
    time::Duration,
};

use ottla_disk::Disk;
use ottla_mutant::mutant;
use parking_lot::{Condvar, Mutex};

use behind::Behind;

use crate::{FlushError, FlushWork, Flushed, Piece};

/// A log that has something to flush.
pub trait FlushTarget: Send + Sync {
    /// What must be synced, and up to which offset that makes the log durable.
    fn start_flush(&self) -> FlushWork;

    /// The flush is done; called on the flusher's thread.
    fn on_flushed(&self, flushed: Flushed);

    /// The flush could not be done yet; it will be asked for again.
    fn on_flush_postponed(&self, work: FlushWork);

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
    /// Those whose flush had to wait.
    postponed: Vec<Weak<dyn FlushTarget>>,
    stopped: bool,
}

impl Queue {
    fn push(&mut self, target: Weak<dyn FlushTarget>) {
        if self.known.insert(Weak::as_ptr(&target).cast::<()>() as usize) {
            self.waiting.push(target);
        }
    }

    /// Everyone who waits.
    fn take(&mut self) -> Vec<Weak<dyn FlushTarget>> {
        std::mem::take(&mut self.postponed).into_iter().for_each(|target| self.push(target));
        self.known.clear();
        std::mem::take(&mut self.waiting)
    }
}

struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    disk: Arc<dyn Disk>,
    /// What the first failed sync said. The kernel has marked the lost pages clean, so a second sync would lie.
    failure: OnceLock<String>,
}

impl Shared {
    fn fail(&self, error: &io::Error) {
        let _ = self.failure.set(format!("an earlier flush failed: {error}"));
    }
}

/// The flushing threads of one data directory.
///
/// Whoever appended asks once; while one round of syncs runs, all further requests gather for the next. The cost of a
/// sync is so shared by everyone who waits. Once a sync has failed the directory is offline: nothing in it is ever
/// synced again, and everyone who asks is told.
pub struct Flusher {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    behind: Mutex<Option<Behind>>,
}

/// Files synced at the same time: the device serves several queues better than one, a thread each is cheap here.
const PARALLEL: usize = 4;
/// How long a flush that had to wait does.
const PAUSE: Duration = Duration::from_millis(100);

impl Flusher {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(disk: Arc<dyn Disk>) -> io::Result<Self> {
        let flusher = Self::by_hand(disk);
        let shared = Arc::clone(&flusher.shared);
        let thread = std::thread::Builder::new().name("flusher".into()).spawn(move || run(&shared))?;
        *flusher.thread.lock() = Some(thread);
        let shared = Arc::clone(&flusher.shared);
        *flusher.behind.lock() = Some(Behind::start(move |error| shared.fail(&error))?);
        Ok(flusher)
    }

    /// Without a thread: nothing is flushed but by [`flush_waiting`](Self::flush_waiting). For tests that decide
    /// themselves when.
    #[must_use]
    pub fn by_hand(disk: Arc<dyn Disk>) -> Self {
        let (queue, filled, failure) = (Mutex::default(), Condvar::new(), OnceLock::new());
        Self {
            shared: Arc::new(Shared { queue, filled, disk, failure }),
            thread: Mutex::default(),
            behind: Mutex::default(),
        }
    }

    /// Flushes everyone who waits, on the caller's thread; answers how many there were.
    pub fn flush_waiting(&self) -> usize {
        let round = self.shared.queue.lock().take();
        let targets: Vec<_> = round.iter().filter_map(Weak::upgrade).collect();
        targets.iter().for_each(|target| flush(&self.shared, target));
        targets.len()
    }

    /// Wants `target` flushed soon. A target that asks again before its turn is flushed once.
    pub fn request(&self, target: Weak<dyn FlushTarget>) {
        self.shared.queue.lock().push(target);
        self.shared.filled.notify_one();
    }

    /// Lets the disk begin with a piece of a file, without a promise. Never waits.
    pub fn write_behind(&self, piece: Piece) {
        if let Some(behind) = &*self.behind.lock() {
            behind.push(piece);
        }
    }

    /// Why nothing is flushed any more, if so: the whole directory is offline.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.shared.failure.get().map(String::as_str)
    }

    /// Flushes what was asked for and ends the threads.
    pub fn stop(&self) {
        self.shared.queue.lock().stopped = true;
        self.shared.filled.notify_one();
        match self.thread.lock().take() {
            Some(thread) => drop(thread.join()),
            None => drop(self.flush_waiting()),
        }
        if let Some(behind) = self.behind.lock().take() {
            behind.stop();
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
                if queue.postponed.is_empty() {
                    shared.filled.wait(&mut queue);
                } else if shared.filled.wait_for(&mut queue, PAUSE).timed_out() {
                    break;
                }
            }
            if queue.waiting.is_empty() && queue.stopped {
                return;
            }
            queue.take()
        };
        let targets: Vec<_> = round.iter().filter_map(Weak::upgrade).collect();
        match &targets[..] {
            [] => {}
            [one] => flush(shared, one),
            many => {
                let share = many.len().div_ceil(PARALLEL);
                std::thread::scope(|scope| {
                    for part in many.chunks(share) {
                        scope.spawn(|| part.iter().for_each(|target| flush(shared, target)));
                    }
                });
            }
        }
    }
}

fn flush(shared: &Shared, target: &Arc<dyn FlushTarget>) {
    if let Some(why) = shared.failure.get().filter(|_| !mutant!("sync_tried_again")) {
        return target.on_flush_failed(&io::Error::other(why.clone()));
    }
    let work = target.start_flush();
    match work.run(&*shared.disk) {
        Ok(flushed) => target.on_flushed(flushed),
        Err(FlushError::Postponed(error)) => {
            tracing::warn!(%error, "a flush has to wait");
            target.on_flush_postponed(work);
            shared.queue.lock().postponed.push(Arc::downgrade(target));
        }
        Err(FlushError::Failed(error)) if error.kind() == io::ErrorKind::NotFound && target.is_gone() => {
            target.on_flush_failed(&error);
        }
        Err(FlushError::Failed(error)) => {
            shared.fail(&error);
            target.on_flush_failed(&error);
        }
    }
}

#[cfg(test)]
mod tests;
