use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Weak},
};

use ottla_types::{Millis, Str};
use tokio::sync::oneshot;

use super::{
    ConsumerOptions,
    assignment::{AssignmentChange, Untold},
    commits::{Commits, Mark, Uncommitted},
    error::{CommitError, ConsumerError},
    fetches::{Fetches, Taken},
    handover::Handover,
    membership::{Failure, Identity, Member},
    options::ms,
    partition::{Partitions, TopicPartition},
};

/// Partitions that are being given up: first whoever reads them ends, then what is marked is committed.
#[derive(Debug)]
struct Revocation {
    partitions: Partitions,
    /// It is not waited for any longer.
    deadline: Millis,
    /// The commit that is waited for, once nobody reads.
    commit: Option<u64>,
    /// The membership waits for it; otherwise the consumer closes.
    for_member: bool,
}

/// Who is told of a commit.
type Waiter = (u64, oneshot::Sender<Result<(), CommitError>>);

/// What a consumer is in its group, if it is a member; and what it is where that is not served.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) first: Option<Box<dyn Member>>,
    pub(super) fallback: Option<Box<dyn Member>>,
}

/// What a consumer is, behind one short lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) fetches: Fetches,
    pub(super) commits: Commits,
    pub(super) handover: Handover,
    pub(super) group: Option<Str>,
    pub(super) member: Option<Box<dyn Member>>,
    /// The member it is instead where the broker does not know the other kind.
    fallback: Option<Box<dyn Member>>,
    pub(super) failure: Option<Arc<Failure>>,
    /// What whoever reads has in hand, by reader.
    held: BTreeMap<u64, Partitions>,
    /// Partitions that have readers of their own.
    apart: BTreeMap<TopicPartition, u64>,
    /// Partitions that came, for readers of their own.
    pub(super) news: BTreeSet<TopicPartition>,
    /// Who wants to be told what becomes of the partitions.
    pub(super) listeners: Vec<Weak<Untold>>,
    revocation: Option<Revocation>,
    waiters: Vec<Waiter>,
    auto_commit_ms: Option<i64>,
    next_commit: Millis,
    max_poll_ms: i64,
    /// Readers that wait for records.
    pub(super) polling: usize,
    last_poll: Millis,
    /// Closing, and given up by then.
    closing: Option<Millis>,
    /// It is all over: there is nothing to wait for.
    pub(super) over: bool,
    readers: u64,
}

impl State {
    pub(super) fn new(options: &ConsumerOptions, group: Option<Str>, members: Members) -> Self {
        Self {
            fetches: Fetches::new(options.fetch_rules()),
            commits: Commits::new(ms(options.retry_backoff), ms(options.commit_timeout)),
            handover: Handover::default(),
            auto_commit_ms: options.auto_commit.map(ms).filter(|_| group.is_some()),
            group,
            member: members.first,
            fallback: members.fallback,
            failure: None,
            held: BTreeMap::new(),
            apart: BTreeMap::new(),
            news: BTreeSet::new(),
            listeners: Vec::new(),
            revocation: None,
            waiters: Vec::new(),
            next_commit: Millis(i64::MIN),
            max_poll_ms: ms(options.max_poll_interval),
            polling: 0,
            last_poll: Millis(0),
            closing: None,
            over: false,
            readers: 0,
        }
    }

    /// As whom to commit; `None` for a consumer that is no member, which commits from outside.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.member.as_ref().and_then(|member| member.identity())
    }

    /// Whether there is anybody as whom to commit.
    pub(super) fn may_commit(&self) -> bool {
        self.group.is_some() && self.member.as_ref().is_none_or(|member| member.identity().is_some())
    }

    pub(super) fn new_reader(&mut self) -> u64 {
        self.readers += 1;
        self.readers
    }

    /// A reader has a partition to itself.
    pub(super) fn set_apart(&mut self, at: &TopicPartition) -> u64 {
        let reader = self.new_reader();
        self.news.remove(at);
        self.apart.insert(at.clone(), reader);
        reader
    }

    /// A reader is gone: nothing is in its hands. Others go on at what it had not returned.
    pub(super) fn end_reader(&mut self, reader: u64, unread: Option<(TopicPartition, i64)>) {
        self.held.remove(&reader);
        if let Some((at, offset)) = unread.filter(|(at, _)| self.is_apart(reader, at)) {
            self.fetches.seek(&at, offset);
        }
        self.apart.retain(|_, of| *of != reader);
    }

    /// What a reader had in hand is done, but for what it has not looked at. Says whether there was something.
    pub(super) fn release(&mut self, reader: u64, unread: Option<TopicPartition>) -> bool {
        let had = self.held.remove(&reader);
        if let Some(unread) = unread {
            self.held.insert(reader, Partitions::from([unread]));
        }
        had.is_some()
    }

    /// The next batch for a reader. `only` for a partition of its own.
    pub(super) fn take(&mut self, reader: u64, only: Option<&TopicPartition>) -> Option<Taken> {
        let apart = &self.apart;
        let taken = self.fetches.take(|at| match only {
            Some(only) => at == only && apart.get(at) == Some(&reader),
            None => !apart.contains_key(at),
        })?;
        self.held.entry(reader).or_default().insert(taken.at.clone());
        self.handover.on_given(&taken.at, taken.batch.header().next_offset());
        Some(taken)
    }

    /// Whether a reader still has this partition to itself.
    pub(super) fn is_apart(&self, reader: u64, at: &TopicPartition) -> bool {
        self.apart.get(at) == Some(&reader) && self.fetches.life(at).is_some()
    }

    /// Partitions are ours.
    pub(super) fn assign(&mut self, partitions: Partitions) {
        self.tell(AssignmentChange::Assigned, &partitions);
        for at in partitions {
            self.fetches.add(at.clone());
            self.news.insert(at);
        }
    }

    fn tell(&mut self, change: fn(Vec<TopicPartition>) -> AssignmentChange, partitions: &Partitions) {
        if partitions.is_empty() {
            return;
        }
        // Those who are gone are forgotten on the way.
        self.listeners.retain(|listener| {
            let untold = listener.upgrade();
            untold.iter().for_each(|untold| untold.push(change(partitions.iter().cloned().collect())));
            untold.is_some()
        });
    }

    /// Partitions are to be given up in good order.
    pub(super) fn revoke(&mut self, now: Millis, partitions: Partitions, for_member: bool) {
        partitions.iter().for_each(|at| self.fetches.close(at));
        self.news.retain(|at| !partitions.contains(at));
        let deadline = now.plus(self.max_poll_ms);
        self.revocation = Some(Revocation { partitions, deadline, commit: None, for_member });
    }

    /// Partitions are somebody else's.
    pub(super) fn lose(&mut self, partitions: &Partitions) {
        self.tell(AssignmentChange::Lost, partitions);
        self.drop_partitions(partitions);
        if self.commits.fence() {
            self.on_commit_over(&Err(Uncommitted::Fenced));
        }
        if self.revocation.as_ref().is_some_and(|revocation| revocation.for_member) {
            self.revocation = None;
        }
    }

    fn drop_partitions(&mut self, partitions: &Partitions) {
        self.handover.on_given_up(partitions);
        partitions.iter().for_each(|at| self.fetches.remove(at));
        self.commits.forget(partitions);
        self.news.retain(|at| !partitions.contains(at));
        self.apart.retain(|at, _| !partitions.contains(at));
    }

    /// Takes a revocation as far as it goes now. Says whether it is over.
    pub(super) fn go_on_revoking(&mut self, now: Millis) -> bool {
        let Some(revocation) = &mut self.revocation else { return false };
        let is_late = now >= revocation.deadline;
        if revocation.commit.is_none() {
            if self.held.values().flatten().any(|at| revocation.partitions.contains(at)) && !is_late {
                return false;
            }
            let commits = self.auto_commit_ms.is_some() && self.commits.has_news();
            revocation.commit = Some(if commits { self.commits.demand(now) } else { 0 });
        }
        if revocation.commit.is_some_and(|commit| commit > self.commits.over()) && !is_late {
            return false;
        }
        let Some(Revocation { partitions, for_member, .. }) = self.revocation.take() else { return false };
        self.tell(AssignmentChange::Revoked, &partitions);
        self.drop_partitions(&partitions);
        match &mut self.member {
            Some(member) if for_member => member.on_revoked(),
            Some(member) => member.leave(),
            None => {}
        }
        true
    }

    /// Everything before the mark is done, unless that is somebody else's to say by now.
    pub(super) fn mark(&mut self, at: &TopicPartition, mark: Mark) {
        if self.fetches.may_commit(at, mark.offset) {
            self.commits.mark(at, mark);
        }
    }

    /// Demands a commit of what is marked, when it is time.
    pub(super) fn commit_by_itself(&mut self, now: Millis) {
        let Some(interval) = self.auto_commit_ms else { return };
        if now >= self.next_commit {
            self.next_commit = now.plus(interval);
            if self.commits.has_news() && self.may_commit() {
                self.commits.demand(now);
            }
        }
    }

    /// Somebody wants what is marked committed, and to be told.
    pub(super) fn demand_commit(&mut self, now: Millis) -> oneshot::Receiver<Result<(), CommitError>> {
        let (waiter, told) = oneshot::channel();
        if self.group.is_none() {
            let _ = waiter.send(Err(CommitError::NoGroup));
        } else if self.over || self.failure.is_some() {
            let _ = waiter.send(Err(CommitError::Closed));
        } else {
            self.waiters.push((self.commits.demand(now), waiter));
        }
        told
    }

    /// Gives up a commit that could not be sent for too long.
    pub(super) fn expire_commit(&mut self, now: Millis) {
        if let Some(result) = self.commits.expire(now) {
            self.on_commit_over(&result);
        }
    }

    /// A commit is over: tells who waits.
    pub(super) fn on_commit_over(&mut self, result: &Result<(), Uncommitted>) {
        let over = self.commits.over();
        for (_, waiter) in self.waiters.extract_if(.., |(number, _)| *number <= over) {
            // Who waited may be gone.
            let _ = waiter.send(result.clone().map_err(CommitError::from));
        }
    }

    /// Whoever reads has come, or not for too long: then the group gets its partitions.
    pub(super) fn watch_polls(&mut self, now: Millis, polled: bool) {
        if polled || self.polling > 0 {
            self.last_poll = now;
        }
        let is_late = now.since(self.last_poll) >= self.max_poll_ms;
        let Some(member) = self.member.as_mut().filter(|_| self.closing.is_none()) else { return };
        if is_late {
            member.go_away();
        } else {
            member.come_back();
        }
    }

    /// Gives everything up; nothing is taken any more.
    pub(super) fn close(&mut self, now: Millis, patience_ms: i64) {
        if self.closing.is_some() {
            return;
        }
        self.closing = Some(now.plus(patience_ms));
        self.held.clear();
        let mut all = self.fetches.partitions();
        all.extend(self.revocation.take().into_iter().flat_map(|begun| begun.partitions));
        self.revoke(now, all, false);
        // What cannot be committed by then leaves time for saying goodbye.
        if let Some(revocation) = &mut self.revocation {
            revocation.deadline = now.plus(patience_ms / 2);
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// Whether there is nothing left to do, or no time.
    pub(super) fn is_done(&self, now: Millis) -> bool {
        let has_left = self.member.as_ref().is_none_or(|member| member.is_over());
        self.closing.is_some_and(|limit| now >= limit || self.revocation.is_none() && has_left)
    }

    /// Nothing more happens.
    pub(super) fn end(&mut self) {
        self.over = true;
        for (_, waiter) in self.waiters.drain(..) {
            let _ = waiter.send(Err(CommitError::Closed));
        }
    }

    /// Becomes another kind of member. Says whether there is another.
    pub(super) fn fall_back(&mut self) -> bool {
        let fallback = self.fallback.take();
        let falls = fallback.is_some();
        self.member = fallback.or_else(|| self.member.take());
        falls
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.failure = Some(Arc::new(failure));
    }

    /// The error whoever reads is told next.
    pub(super) fn take_error(&mut self) -> Option<ConsumerError> {
        if let Some((at, trouble)) = self.fetches.take_trouble() {
            return Some(ConsumerError::of(at, trouble));
        }
        let (failure, group) = (self.failure.as_ref()?, self.group.as_ref()?);
        if std::mem::replace(&mut self.over, true) {
            return None;
        }
        Some(ConsumerError::group(group, failure))
    }

    /// When to look again without anything else happening.
    pub(super) fn deadline(&self, now: Millis) -> Option<Millis> {
        let revocation = self.revocation.as_ref().map(|revocation| revocation.deadline);
        let late = self.last_poll.plus(self.max_poll_ms);
        let poll = self.member.as_ref().filter(|_| self.polling == 0 && late > now).map(|_| late);
        let auto = self.auto_commit_ms.filter(|_| self.commits.has_news()).map(|_| self.next_commit);
        let member = self.member.as_ref().and_then(|member| member.deadline());
        let commits = self.commits.deadline(now);
        let each = [self.closing, revocation, poll, auto, member, commits, self.fetches.deadline(now)];
        each.into_iter().flatten().min()
    }
}
