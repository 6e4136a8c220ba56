use super::{
    dir::{MetadataDir, SnapshotId},
    journal::{JournalError, MetadataLog},
    snapshot::SnapshotPolicy,
};
use arc_swap::ArcSwap;
use ottla_coordinator::{Machine, Ticket};
use ottla_metadata::{Command, Controller, Delta, Image, Provenance, Reply, encode_batch};
use ottla_mutant::mutant;
use ottla_quorum::{Action, Event, Quorum, QuorumInfo, Voter};
use ottla_types::Millis;
use ottla_wire::MetadataRecord;
use parking_lot::{Mutex, RwLock};
use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::Arc,
};
use tokio::sync::{Notify, oneshot, watch};

/// One committed step of the metadata.
#[derive(Debug, Clone)]
pub struct MetadataUpdate {
    /// What was published before.
    pub before: Arc<Image>,
    /// What is published next.
    pub after: Arc<Image>,
    /// Where they differ.
    pub delta: Delta,
}

/// Somebody who acts on committed metadata: partitions, settings, coordinators.
pub trait MetadataFollower: Send + Sync + 'static {
    /// Brings itself in line with `update.after`. Readers see that image, and replies leave, once every follower is
    /// through; what fails is the follower's own to log and retry.
    fn apply<'a>(&'a self, update: &'a MetadataUpdate) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// The controller does not carry the command out: it is stopping, its disk has failed or is full. Whether a command in
/// flight took effect is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the controller has stopped, or cannot write")]
pub struct Stopped;

/// The controller at work over its log.
///
/// A command is decided, appended and replayed on the task of whoever submits it, under a short lock; the shell's own
/// task ([`run`](Self::run)) flushes, one flush for all that came meanwhile, and then publishes and answers.
pub struct MetadataShell {
    pub(super) dir: MetadataDir,
    pub(super) log: Arc<dyn MetadataLog>,
    pub(super) clock: fn() -> Millis,
    pub(super) snapshots: SnapshotPolicy,
    pub(super) state: Mutex<State>,
    pub(super) image: ArcSwap<Image>,
    published: watch::Sender<i64>,
    /// Why nothing can be written any more.
    failure: watch::Sender<Option<String>>,
    followers: RwLock<Vec<Arc<dyn MetadataFollower>>>,
    appended: Notify,
    /// Held for a whole round, so that images are applied and published in the order of the log.
    round: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for MetadataShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetadataShell").field("image", &self.image().provenance).finish_non_exhaustive()
    }
}

/// A step that is appended and waits for the flush.
pub(super) struct Pending {
    pub(super) image: Arc<Image>,
    pub(super) delta: Delta,
}

pub(super) struct State {
    pub(super) controller: Controller,
    pub(super) quorum: Quorum,
    pub(super) end_offset: i64,
    pub(super) high_watermark: i64,
    pub(super) provenance: Provenance,
    pub(super) pending: VecDeque<Pending>,
    /// What the log held at the start, for followers that join.
    pub(super) initial_delta: Delta,
    pub(super) snapshot: SnapshotId,
    pub(super) unsnapshotted_bytes: u64,
    pub(super) voters_in_log: bool,
    waiting: HashMap<Ticket, oneshot::Sender<Reply>>,
    finished: VecDeque<(i64, oneshot::Sender<Reply>, Reply)>,
    next_ticket: u64,
    stopped: bool,
}

impl State {
    pub(super) fn new(controller: Controller, quorum: Quorum) -> Self {
        Self {
            controller,
            quorum,
            end_offset: 0,
            high_watermark: 0,
            provenance: Provenance::default(),
            pending: VecDeque::new(),
            initial_delta: Delta::default(),
            snapshot: SnapshotId { end_offset: 0, epoch: 0 },
            unsnapshotted_bytes: 0,
            voters_in_log: false,
            waiting: HashMap::new(),
            finished: VecDeque::new(),
            next_ticket: 0,
            stopped: false,
        }
    }

    pub(super) fn appended(&mut self, end_offset: i64, epoch: i32, now: Millis, bytes: u64) {
        self.end_offset = end_offset;
        self.provenance = Provenance { last_offset: end_offset - 1, epoch, timestamp: now.0 };
        self.unsnapshotted_bytes += bytes;
        if !self.controller.in_transaction() {
            let image = Arc::new(self.controller.image().at(self.provenance));
            self.pending.push_back(Pending { image, delta: self.controller.take_delta() });
        }
    }

    fn stop(&mut self) {
        self.stopped = true;
        self.waiting.clear();
        self.finished.clear();
    }
}

impl MetadataShell {
    pub(super) fn new(
        dir: MetadataDir,
        log: Arc<dyn MetadataLog>,
        clock: fn() -> Millis,
        snapshots: SnapshotPolicy,
        state: State,
    ) -> Arc<Self> {
        Arc::new(Self {
            dir,
            log,
            clock,
            snapshots,
            state: Mutex::new(state),
            image: ArcSwap::from_pointee(Image::default()),
            published: watch::Sender::new(-1),
            failure: watch::Sender::new(None),
            followers: RwLock::default(),
            appended: Notify::new(),
            round: tokio::sync::Mutex::new(()),
        })
    }

    /// The committed metadata.
    #[must_use]
    pub fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// The last offset published; changes with every image.
    #[must_use]
    pub fn published(&self) -> watch::Receiver<i64> {
        self.published.subscribe()
    }

    /// What DescribeQuorum answers.
    #[must_use]
    pub fn quorum(&self) -> QuorumInfo {
        self.state.lock().quorum.describe((self.clock)())
    }

    /// The voters of the metadata quorum with their addresses.
    #[must_use]
    pub fn voters(&self) -> Vec<Voter> {
        self.state.lock().quorum.voters().0.clone()
    }

    /// `kraft.version`: 1 when the log itself says who votes, 0 with voters from the file. The quorum finalizes it, not a
    /// record of the metadata.
    #[must_use]
    pub fn kraft_version(&self) -> i16 {
        i16::from(self.state.lock().voters_in_log)
    }

    /// Adds a follower. It is first brought in line with everything there is; call before [`run`](Self::run).
    pub async fn follow(&self, follower: Arc<dyn MetadataFollower>) {
        let delta = self.state.lock().initial_delta.clone();
        let update = MetadataUpdate { before: Arc::default(), after: self.image(), delta };
        follower.apply(&update).await;
        self.followers.write().push(follower);
    }

    /// Has the controller carry out a command; the reply comes once everything it rests on is flushed and applied.
    /// Dropping the future does not take the command back.
    ///
    /// # Errors
    /// The controller has stopped.
    pub async fn submit(&self, command: Command) -> Result<Reply, Stopped> {
        self.start(command)?.await.map_err(|_| Stopped)
    }

    /// Nobody is told of committed steps any more: the broker has ended.
    pub(crate) fn forget_followers(&self) {
        self.state.lock().stop();
        self.followers.write().clear();
    }

    fn start(&self, command: Command) -> Result<oneshot::Receiver<Reply>, Stopped> {
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.stopped || state.quorum.appendable_epoch().is_none() {
            return Err(Stopped);
        }
        let (sender, receiver) = oneshot::channel();
        state.next_ticket += 1;
        let ticket = Ticket(state.next_ticket);
        state.waiting.insert(ticket, sender);
        state.controller.set_next_offset(state.end_offset);
        let effects = state.controller.step((self.clock)(), ticket, command);
        match self.append(state, &effects.records) {
            Ok(()) => {}
            Err(error @ JournalError::NoRoom(_)) => {
                // Nothing was written, so nothing has happened: the controller keeps no state beside its log.
                tracing::warn!(%error, "a change of the metadata is refused");
                state.waiting.remove(&ticket);
                return Err(Stopped);
            }
            Err(error) => {
                self.fail(state, &error);
                self.appended.notify_one();
                return Err(Stopped);
            }
        }
        for (ticket, reply) in effects.replies {
            if let Some(sender) = state.waiting.remove(&ticket) {
                state.finished.push_back((state.end_offset, sender, reply));
            }
        }
        // Also without records: what the reply rests on may still wait for a flush.
        self.appended.notify_one();
        Ok(receiver)
    }

    pub(super) fn append(&self, state: &mut State, records: &[MetadataRecord]) -> Result<(), JournalError> {
        let failed = |error: &dyn std::fmt::Display| JournalError::Failed(error.to_string());
        let Some(epoch) = state.quorum.appendable_epoch() else {
            return Err(JournalError::Failed("this node does not lead the metadata quorum".into()));
        };
        if records.is_empty() {
            return Ok(());
        }
        let now = (self.clock)();
        let features = &state.controller.image().features;
        let batch = encode_batch(records, features, epoch, now.0).map_err(|error| failed(&error))?;
        let bytes = batch.len() as u64;
        let end_offset = self.log.append(batch, epoch)?;
        state.quorum.on(now, Event::Appended { epoch, end_offset }).map_err(|error| failed(&error))?;
        records.iter().for_each(|record| state.controller.replay(record));
        state.appended(end_offset, epoch, now, bytes);
        Ok(())
    }

    /// The shell's task: flushes what is appended, publishes, answers, writes snapshots. Ends after
    /// [`stop`](Self::stop).
    ///
    /// # Errors
    /// The disk failed: the node must stop.
    pub async fn run(self: Arc<Self>) -> Result<(), JournalError> {
        self.published.send_replace(self.image().provenance.last_offset);
        while !self.state.lock().stopped {
            self.appended.notified().await;
            if let Err(error) = self.commit().await {
                self.fail(&mut self.state.lock(), &error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// What may be written of a log that failed once is not known: this process writes nothing to it any more.
    fn fail(&self, state: &mut State, error: &JournalError) {
        tracing::error!(%error, "the metadata log failed, the controller stops");
        state.stop();
        self.failure.send_replace(Some(error.to_string()));
    }

    /// Resolves with the reason once the metadata log has failed, and else never.
    pub async fn failed(&self) -> String {
        let mut failure = self.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await;
        match failed.ok().and_then(|why| why.clone()) {
            Some(why) => why,
            None => std::future::pending().await,
        }
    }

    /// Gives up leadership; what is not flushed yet is flushed, who still waits is refused.
    ///
    /// # Errors
    /// The disk failed; what was not answered may be lost.
    pub async fn stop(&self) -> Result<(), JournalError> {
        let result = self.commit().await;
        let mut state = self.state.lock();
        let now = (self.clock)();
        // Resigning cannot contradict anything.
        let _ = state.quorum.on(now, Event::Stop);
        state.stop();
        self.appended.notify_one();
        result
    }

    /// One round: flush, then let the world see it.
    async fn commit(&self) -> Result<(), JournalError> {
        let _round = self.round.lock().await;
        let (epoch, end_offset) = {
            let state = self.state.lock();
            (state.quorum.epoch(), state.end_offset)
        };
        if end_offset > self.high_watermark() && !mutant!("metadata_published_before_flush") {
            let log = Arc::clone(&self.log);
            let flushed = tokio::task::spawn_blocking(move || log.flush()).await;
            flushed.map_err(|error| JournalError::Failed(error.to_string()))??;
        }
        let update = self.on_flushed(epoch, end_offset)?;
        if let Some(update) = update {
            let followers = self.followers.read().clone();
            for follower in followers {
                follower.apply(&update).await;
            }
            self.image.store(Arc::clone(&update.after));
            self.published.send_replace(update.after.provenance.last_offset);
        }
        self.release();
        self.snapshot_if_due().await
    }

    fn high_watermark(&self) -> i64 {
        self.state.lock().high_watermark
    }

    /// Takes what became committed out of the queue, as one step.
    fn on_flushed(&self, epoch: i32, end_offset: i64) -> Result<Option<MetadataUpdate>, JournalError> {
        let mut state = self.state.lock();
        let flushed = state.quorum.on((self.clock)(), Event::Flushed { epoch, end_offset });
        flushed.map_err(|error| JournalError::Failed(error.to_string()))?;
        while let Some(action) = state.quorum.poll() {
            if let Action::AdvanceHighWatermark(offset) = action {
                state.high_watermark = offset;
            }
        }
        let mut update: Option<MetadataUpdate> = None;
        let high_watermark = state.high_watermark;
        while state.pending.front().is_some_and(|p| p.image.provenance.last_offset < high_watermark) {
            let Some(Pending { image, delta }) = state.pending.pop_front() else { break };
            match &mut update {
                Some(update) => {
                    update.delta.merge(delta);
                    update.after = image;
                }
                None => update = Some(MetadataUpdate { before: self.image(), after: image, delta }),
            }
        }
        Ok(update)
    }

    fn release(&self) {
        let mut state = self.state.lock();
        let high_watermark = state.high_watermark;
        while state.finished.front().is_some_and(|(offset, ..)| *offset <= high_watermark) {
            if let Some((_, sender, reply)) = state.finished.pop_front() {
                // The caller may be gone; then nobody wants to know.
                let _ = sender.send(reply);
            }
        }
    }
}
