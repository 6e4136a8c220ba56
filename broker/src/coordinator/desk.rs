use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use ottla_coordinator::{Effects, Ticket};
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Millis};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::journal::{Envelope, Journal, JournalError, Journaled};

/// How long to wait before loading again after a failure.
const RELOAD_PAUSE: Duration = Duration::from_millis(500);
/// The longest the desk sleeps when nothing is due; only bounds arithmetic, nothing depends on it.
const LONGEST_SLEEP_MS: i64 = 3_600_000;

/// Why a command was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The log is still being replayed.
    Loading,
    /// Another broker, or nobody at the moment, runs this machine. Whether an accepted command took effect is open.
    NotCoordinator,
    /// The log would not take it: nothing was decided.
    NotAllowed(ErrorCode),
}

impl Refusal {
    pub(crate) const fn code(self) -> ErrorCode {
        match self {
            Self::Loading => ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
            Self::NotCoordinator => ErrorCode::NOT_COORDINATOR,
            Self::NotAllowed(code) => code,
        }
    }
}

/// One machine at work over its log.
///
/// A command runs on the task of whoever submits it, under a short lock: decide, append, replay. Its reply leaves once
/// the log has committed everything the machine has written so far, so that no reply shows what could still be lost.
/// The desk's own task ([`run`](Desk::run)) loads the machine, ticks it, and releases replies when the log commits.
///
/// When an append fails, the machine has decided something its log does not say: it is dropped, everybody who waits is
/// refused, and a new one is loaded.
pub(crate) struct Desk<M: Journaled, J: Journal> {
    journal: Arc<J>,
    fresh: Box<dyn Fn() -> M + Send + Sync>,
    clock: fn() -> Millis,
    state: Mutex<State<M>>,
    /// The desk's task has something new to look at.
    changed: Notify,
}

enum State<M: Journaled> {
    Loading,
    Open(Box<Open<M>>),
    /// The last append failed.
    Broken,
    Closed,
}

type Answer<M> =
    (oneshot::Sender<<M as ottla_coordinator::Machine>::Reply>, <M as ottla_coordinator::Machine>::Reply);

struct Open<M: Journaled> {
    machine: M,
    waiting: HashMap<Ticket, oneshot::Sender<M::Reply>>,
    /// Replies that may leave when the log is committed up to the offset; offsets ascend.
    finished: VecDeque<(i64, Answer<M>)>,
    /// The offset after everything the machine has written or read.
    written: i64,
    next_ticket: u64,
    /// When the desk's task will wake by itself.
    armed: Option<Millis>,
    /// The desk's task waits for a commit.
    awaits_commit: bool,
    /// Nothing new is taken on; what is written is still answered.
    retired: bool,
}

impl<M: Journaled, J: Journal> Desk<M, J> {
    /// A desk that does nothing until [`run`](Desk::run) does; `fresh` makes an empty machine.
    pub(crate) fn new(
        journal: Arc<J>,
        clock: fn() -> Millis,
        fresh: impl Fn() -> M + Send + Sync + 'static,
    ) -> Arc<Self> {
        let (state, changed) = (Mutex::new(State::Loading), Notify::new());
        Arc::new(Self { journal, fresh: Box::new(fresh), clock, state, changed })
    }

    /// Has the machine carry out a command and waits for its reply. Dropping the future does not take the command back.
    pub(crate) async fn submit(&self, command: M::Command) -> Result<M::Reply, Refusal> {
        self.submit_if(command, |_| Ok(())).await
    }

    /// As [`submit`](Self::submit), if the log allows it: it is asked at the moment the command would be carried out, and
    /// nothing else is written by this machine in between.
    pub(crate) async fn submit_if(
        &self,
        command: M::Command,
        allowed: impl FnOnce(&J) -> Result<(), ErrorCode>,
    ) -> Result<M::Reply, Refusal> {
        self.start(command, allowed)?.await.map_err(|_| Refusal::NotCoordinator)
    }

    /// Has the machine carry out a command whose reply nobody needs. When this returns it is decided.
    pub(crate) fn tell(&self, command: M::Command) -> Result<(), Refusal> {
        self.start(command, |_| Ok(())).map(drop)
    }

    /// Looks at the machine without asking it anything; what is seen may not be committed yet.
    pub(crate) fn peek<T>(&self, look: impl FnOnce(&M) -> T) -> Option<T> {
        match &*self.state.lock() {
            State::Open(open) => Some(look(&open.machine)),
            State::Loading | State::Broken | State::Closed => None,
        }
    }

    /// Takes on nothing new and refuses those who wait for others; what is written is still answered when it commits.
    pub(crate) fn retire(&self) {
        if let State::Open(open) = &mut *self.state.lock() {
            open.retired = true;
            open.waiting.clear();
        }
    }

    /// This broker no longer runs the machine: everybody who waits is refused, the task ends.
    pub(crate) fn close(&self) {
        *self.state.lock() = State::Closed;
        self.changed.notify_one();
    }

    fn start(
        &self,
        command: M::Command,
        allowed: impl FnOnce(&J) -> Result<(), ErrorCode>,
    ) -> Result<oneshot::Receiver<M::Reply>, Refusal> {
        let mut state = self.state.lock();
        let open = match &mut *state {
            State::Open(open) if open.retired => return Err(Refusal::NotCoordinator),
            State::Open(open) => open,
            State::Loading | State::Broken => return Err(Refusal::Loading),
            State::Closed => return Err(Refusal::NotCoordinator),
        };
        allowed(&self.journal).map_err(Refusal::NotAllowed)?;
        let (sender, receiver) = oneshot::channel();
        let (now, envelope) = ((self.clock)(), M::envelope(&command));
        open.next_ticket += 1;
        let ticket = Ticket(open.next_ticket);
        open.waiting.insert(ticket, sender);
        let effects = open.machine.step(now, ticket, command);
        let mut done = self.carry_out(open, effects, envelope, now);
        if done.is_ok() && open.machine.deadline().is_some_and(|due| due <= now) {
            let effects = open.machine.tick(now);
            done = self.carry_out(open, effects, Envelope::Plain, now);
        }
        self.settle(&mut state, done);
        Ok(receiver)
    }

    /// Writes what the machine has decided and lines its replies up behind it.
    fn carry_out(
        &self,
        open: &mut Open<M>,
        effects: Effects<M>,
        envelope: Envelope,
        now: Millis,
    ) -> Result<(), JournalError> {
        if !effects.records.is_empty() {
            let mut entries = Vec::with_capacity(effects.records.len());
            for record in &effects.records {
                entries.extend(M::encode(record).map_err(|error| JournalError::Failed(error.to_string()))?);
            }
            open.written = self.journal.append(&entries, envelope, now)?;
            for record in &effects.records {
                open.machine.replay(record);
            }
        }
        for (ticket, reply) in effects.replies {
            if let Some(sender) = open.waiting.remove(&ticket) {
                open.finished.push_back((open.written, (sender, reply)));
            }
        }
        open.release(self.journal.committed());
        Ok(())
    }

    /// After each step: wakes the task if it sleeps too long now, or drops a machine that is ahead of its log.
    fn settle(&self, state: &mut State<M>, done: Result<(), JournalError>) {
        if let Err(error) = done {
            tracing::warn!(journal = self.journal.name(), %error, "a coordinator's append failed, it is loaded again");
            *state = State::Broken;
            return self.changed.notify_one();
        }
        if let State::Open(open) = state {
            let due = open.machine.deadline();
            let sleeps_too_long = due.is_some_and(|due| open.armed.is_none_or(|armed| due < armed));
            if sleeps_too_long || (!open.finished.is_empty() && !open.awaits_commit) {
                open.armed = due;
                open.awaits_commit = !open.finished.is_empty();
                self.changed.notify_one();
            }
        }
    }

    /// The desk's task: loads, then ticks and releases until [`close`](Desk::close).
    pub(crate) async fn run(&self) {
        while !self.is_closed() {
            match self.load().await {
                Ok(()) => self.work().await,
                Err(error) => {
                    tracing::warn!(journal = self.journal.name(), %error, "a coordinator could not be loaded");
                    tokio::select! {
                        () = tokio::time::sleep(RELOAD_PAUSE) => {}
                        () = self.changed.notified() => {}
                    }
                }
            }
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(&*self.state.lock(), State::Closed)
    }

    async fn load(&self) -> Result<(), JournalError> {
        {
            let mut state = self.state.lock();
            match &*state {
                State::Closed => return Ok(()),
                State::Loading | State::Broken | State::Open(_) => *state = State::Loading,
            }
        }
        let mut machine = (self.fresh)();
        let (mut offset, mut end) = self.journal.bounds();
        // The end is read again after each pass: nobody appends while loading, but the log may have been cut or grown
        // by what was under way before.
        while offset < end {
            let chunk = self.journal.read(offset).await?;
            for entry in &chunk.entries {
                match M::decode(entry) {
                    Ok(record) => machine.replay(&record),
                    Err(error) => {
                        // Losing one record is bad, losing the whole coordinator over it is worse.
                        tracing::error!(journal = self.journal.name(), offset, %error, "an unreadable record is skipped");
                    }
                }
            }
            if chunk.next_offset <= offset {
                return Err(JournalError::Failed(format!("no progress at offset {offset}")));
            }
            offset = chunk.next_offset;
            end = self.journal.bounds().1;
        }
        self.open(machine, offset)
    }

    fn open(&self, machine: M, written: i64) -> Result<(), JournalError> {
        let mut state = self.state.lock();
        if matches!(&*state, State::Closed) {
            return Ok(());
        }
        let (waiting, finished) = (HashMap::new(), VecDeque::new());
        let mut open = Box::new(Open {
            machine,
            waiting,
            finished,
            written,
            next_ticket: 0,
            armed: None,
            awaits_commit: false,
            retired: false,
        });
        let now = (self.clock)();
        let effects = open.machine.loaded(now);
        self.carry_out(&mut open, effects, Envelope::Plain, now)?;
        *state = State::Open(open);
        Ok(())
    }

    async fn work(&self) {
        while let Some((sleep, commit)) = self.turn() {
            let committed = async {
                match commit {
                    Some(offset) => self.journal.until_committed(offset).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.changed.notified() => {}
                () = committed => self.check_commit(commit),
            }
        }
    }

    /// Gives the machine up when the wait for a commit has ended without it: the log takes nothing more, so those who
    /// wait would wait for ever.
    fn check_commit(&self, awaited: Option<i64>) {
        let mut state = self.state.lock();
        if matches!(&*state, State::Open(_))
            && awaited.is_some_and(|offset| offset > self.journal.committed())
        {
            self.settle(&mut state, Err(JournalError::Failed("the log takes no more records".to_owned())));
        }
    }

    /// Does what is due. Says how long to sleep at most and which commit somebody waits for; `None` when there is no
    /// machine any more.
    fn turn(&self) -> Option<(Duration, Option<i64>)> {
        let mut state = self.state.lock();
        let now = (self.clock)();
        let State::Open(open) = &mut *state else { return None };
        open.release(self.journal.committed());
        let mut done = Ok(());
        if open.machine.deadline().is_some_and(|due| due <= now) {
            let effects = open.machine.tick(now);
            done = self.carry_out(open, effects, Envelope::Plain, now);
        }
        if done.is_err() {
            self.settle(&mut state, done);
            return None;
        }
        let due = open.machine.deadline();
        open.armed = due;
        let sleep_ms = due.map_or(LONGEST_SLEEP_MS, |due| due.since(now)).clamp(0, LONGEST_SLEEP_MS);
        let commit = open.finished.front().map(|(offset, _)| *offset);
        open.awaits_commit = commit.is_some();
        Some((Duration::from_millis(u64::try_from(sleep_ms).unwrap_or(0)), commit))
    }
}

impl<M: Journaled> Open<M> {
    fn release(&mut self, committed: i64) {
        let committed = if mutant!("commits_answered_early") { i64::MAX } else { committed };
        while self.finished.front().is_some_and(|(offset, _)| *offset <= committed) {
            if let Some((_, (sender, reply))) = self.finished.pop_front() {
                // The caller may be gone; then nobody wants to know.
                let _ = sender.send(reply);
            }
        }
    }
}
