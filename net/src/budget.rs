//! The bytes all request frames may hold together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a frame waits for memory before it may draw on the overdraft.
const PATIENCE: Duration = Duration::from_millis(500);

/// One pool of bytes for everybody.
///
/// Memory is taken as bytes arrive, not when a size is announced, so that announcing costs the others nothing. Then many
/// half-read frames could hold all of it and none could finish; that is what the overdraft is for: one frame at a time
/// may go on without asking, which bounds the whole by the budget plus one frame.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: Arc<Semaphore>,
    overdraft: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The memory one frame holds, given back when dropped.
#[derive(Debug, Default)]
pub(crate) struct Permit {
    bytes: Option<OwnedSemaphorePermit>,
    overdraft: Option<OwnedSemaphorePermit>,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        let bytes = bytes.min(Semaphore::MAX_PERMITS);
        Self {
            bytes: Arc::new(Semaphore::new(bytes)),
            overdraft: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
        }
    }

    pub(crate) fn available(&self) -> usize {
        self.bytes.available_permits()
    }

    /// Whether somebody waits for memory at the moment.
    pub(crate) fn is_short(&self) -> bool {
        self.waiting.load(Relaxed) > 0
    }

    /// Adds `bytes` to what `permit` holds; waits until they are free. May be cancelled: then nothing was taken.
    pub(crate) async fn extend(&self, permit: &mut Permit, bytes: u32) {
        if permit.overdraft.is_some() {
            return;
        }
        if let Ok(more) = Arc::clone(&self.bytes).try_acquire_many_owned(bytes) {
            return permit.add(more);
        }
        let _waiting = Waiting::of(&self.waiting);
        let more = Arc::clone(&self.bytes).acquire_many_owned(bytes);
        tokio::pin!(more);
        if let Ok(more) = tokio::time::timeout(PATIENCE, &mut more).await {
            return permit.add(more.expect("the semaphore is never closed"));
        }
        tokio::select! {
            more = &mut more => permit.add(more.expect("the semaphore is never closed")),
            only = Arc::clone(&self.overdraft).acquire_owned() => {
                permit.overdraft = Some(only.expect("the semaphore is never closed"));
            }
        }
    }
}

/// One that waits, until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Permit {
    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.bytes {
            Some(held) => held.merge(more),
            None => self.bytes = Some(more),
        }
    }
}
