//! Which offsets are to be committed, and which are.
//!
//! A pure machine. Whoever reads marks what is done; a commit takes all marks that are not committed yet. One commit is
//! under way at a time, so that what the group has committed never goes back.

use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    membership::has_moved,
    partition::{Partitions, TopicPartition},
};

/// How far a partition is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The next offset to read.
    pub(crate) offset: i64,
    /// The leader epoch of the record before it, −1 for unknown.
    pub(crate) epoch: i32,
    /// Whatever the reader wants to remember.
    pub(crate) metadata: Str,
}

pub(crate) type Marks = BTreeMap<TopicPartition, Mark>;

/// Why marks are not committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Uncommitted {
    /// Somebody else has the partitions.
    Fenced,
    /// The coordinator refuses.
    Refused(TopicPartition, ErrorCode),
    /// It took too long.
    TimedOut,
}

/// What the coordinator says to a commit.
pub(crate) enum Committed {
    /// A code for each partition.
    Codes(BTreeMap<TopicPartition, ErrorCode>),
    /// No answer came.
    Lost,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Commits {
    backoff_ms: i64,
    timeout_ms: i64,
    marks: Marks,
    done: BTreeMap<TopicPartition, Mark>,
    /// Commits that were begun, and those that are over.
    begun: u64,
    over: u64,
    /// The commit somebody waits for.
    wanted: u64,
    since: Millis,
    under_way: Option<Marks>,
    not_before: Millis,
}

impl Commits {
    pub(crate) fn new(backoff_ms: i64, timeout_ms: i64) -> Self {
        Self {
            backoff_ms,
            timeout_ms,
            marks: Marks::new(),
            done: BTreeMap::new(),
            begun: 0,
            over: 0,
            wanted: 0,
            since: Millis(0),
            under_way: None,
            not_before: Millis(i64::MIN),
        }
    }

    /// Everything before the mark is done. A mark does not go back.
    pub(crate) fn mark(&mut self, at: &TopicPartition, mark: Mark) {
        match self.marks.get_mut(at) {
            Some(known) if known.offset > mark.offset => {}
            Some(known) => *known = mark,
            None => drop(self.marks.insert(at.clone(), mark)),
        }
    }

    /// The reader has gone to an offset of its choice: marks begin anew.
    pub(crate) fn forget_mark(&mut self, at: &TopicPartition) {
        self.marks.remove(at);
    }

    /// The reader has gone back everywhere.
    pub(crate) fn forget_marks(&mut self) {
        self.marks.clear();
    }

    /// The partitions are somebody else's.
    pub(crate) fn forget(&mut self, partitions: &Partitions) {
        self.marks.retain(|at, _| !partitions.contains(at));
        self.done.retain(|at, _| !partitions.contains(at));
    }

    /// Everything that is marked.
    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn has_news(&self) -> bool {
        self.marks.iter().any(|(at, mark)| self.done.get(at) != Some(mark))
    }

    /// Asks for a commit of all that is marked now. It is over when [`over`](Self::over) says this number.
    pub(crate) fn demand(&mut self, now: Millis) -> u64 {
        if self.wanted <= self.over {
            self.since = now;
        }
        self.wanted = self.wanted.max(self.begun + 1);
        self.begun + 1
    }

    /// Whether somebody waits for a commit.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted > self.over
    }

    /// How many commits are over.
    pub(crate) fn over(&self) -> u64 {
        self.over
    }

    /// What is to be committed now.
    pub(crate) fn poll(&mut self, now: Millis) -> Option<Marks> {
        if self.under_way.is_some() || self.wanted <= self.over || now < self.not_before {
            return None;
        }
        if self.begun == self.over {
            self.begun += 1;
        }
        let is_news = |(at, mark): &(&TopicPartition, &Mark)| self.done.get(*at) != Some(*mark);
        let news: Marks =
            self.marks.iter().filter(is_news).map(|(at, mark)| (at.clone(), mark.clone())).collect();
        self.under_way = Some(news.clone());
        Some(news)
    }

    /// When to ask again without anything else happening.
    pub(crate) fn deadline(&self, now: Millis) -> Option<Millis> {
        let waits = self.under_way.is_none() && self.wanted > self.over;
        let each = [self.not_before, self.since.plus(self.timeout_ms)];
        each.into_iter().filter(|at| waits && *at > now).min()
    }

    /// Gives up a commit that could not be sent for too long.
    pub(crate) fn expire(&mut self, now: Millis) -> Option<Result<(), Uncommitted>> {
        let waits = self.under_way.is_none() && self.wanted > self.over;
        let is_late = now.since(self.since) >= self.timeout_ms;
        (waits && is_late).then(|| {
            self.begun = self.begun.max(self.wanted);
            self.end(Err(Uncommitted::TimedOut))
        })
    }

    /// The partitions are another member's: a commit that is wanted is none any more. Says whether there was one.
    pub(crate) fn fence(&mut self) -> bool {
        let waits = self.wanted > self.over;
        if waits {
            self.under_way = None;
            self.begun = self.begun.max(self.wanted);
            self.over = self.begun;
        }
        waits
    }

    /// What came of it, `as_member` or from outside: `None` if it will be tried again. With the code that tells of the membership, if there is one.
    pub(crate) fn on_answer(
        &mut self,
        now: Millis,
        as_member: bool,
        answer: &Committed,
    ) -> (Option<Result<(), Uncommitted>>, Option<ErrorCode>) {
        let Some(sent) = self.under_way.take() else { return (None, None) };
        let Committed::Codes(codes) = answer else {
            return (self.try_again(now), Some(ErrorCode::COORDINATOR_NOT_AVAILABLE));
        };
        let (mut standing, mut refused, mut again) = (None, None, false);
        for (at, mark) in sent {
            match codes.get(&at).copied() {
                // What was given up meanwhile is somebody else's to commit.
                Some(ErrorCode::NONE) if !self.marks.contains_key(&at) => {}
                Some(ErrorCode::NONE) => drop(self.done.insert(at, mark)),
                // Of a member that is already in the next generation, or loses its place now: then the commit is ended.
                Some(code @ ErrorCode::ILLEGAL_GENERATION) if as_member => {
                    standing = Some(code);
                    again = true;
                }
                Some(code) if is_fencing(code) => {
                    standing = Some(code);
                    refused.get_or_insert(Uncommitted::Fenced);
                }
                Some(code) if has_moved(code) || is_passing(code) => {
                    standing = Some(code);
                    again = true;
                }
                Some(code) => refused = Some(Uncommitted::Refused(at, code)),
                None => again = true,
            }
        }
        let over = match refused {
            Some(refused) => Some(self.end(Err(refused))),
            None if again => self.try_again(now),
            None => Some(self.end(Ok(()))),
        };
        (over, standing)
    }

    fn try_again(&mut self, now: Millis) -> Option<Result<(), Uncommitted>> {
        if now.since(self.since) > self.timeout_ms {
            return Some(self.end(Err(Uncommitted::TimedOut)));
        }
        self.not_before = now.plus(self.backoff_ms);
        None
    }

    fn end(&mut self, result: Result<(), Uncommitted>) -> Result<(), Uncommitted> {
        self.over = self.begun;
        result
    }
}

/// Whether somebody else is in the member's place.
fn is_fencing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::UNKNOWN_MEMBER_ID
            | ErrorCode::ILLEGAL_GENERATION
            | ErrorCode::FENCED_INSTANCE_ID
            | ErrorCode::FENCED_MEMBER_EPOCH
    )
}

/// Whether the same commit may be taken a little later.
fn is_passing(code: ErrorCode) -> bool {
    code.is_retriable() || matches!(code, ErrorCode::REBALANCE_IN_PROGRESS | ErrorCode::STALE_MEMBER_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> TopicPartition {
        TopicPartition::new("t", 0)
    }

    fn mark(offset: i64) -> Mark {
        Mark { offset, epoch: -1, metadata: Str::new() }
    }

    fn codes(code: ErrorCode) -> Committed {
        Committed::Codes([(at(), code)].into())
    }

    #[test]
    fn a_commit_covers_what_was_marked_before_it_was_demanded() {
        let mut commits = Commits::new(10, 1000);
        commits.mark(&at(), mark(5));
        let first = commits.demand(Millis(0));
        assert_eq!(commits.poll(Millis(0)).expect("it is due")[&at()].offset, 5);
        // Behind the one under way: that does not have it.
        commits.mark(&at(), mark(7));
        commits.mark(&at(), mark(6));
        let second = commits.demand(Millis(0));
        assert!(second > first);
        assert_eq!(commits.poll(Millis(0)), None);
        assert_eq!(commits.on_answer(Millis(0), true, &codes(ErrorCode::NONE)), (Some(Ok(())), None));
        assert_eq!(commits.over(), first);
        assert_eq!(commits.poll(Millis(0)).expect("it is due")[&at()].offset, 7);
        commits.on_answer(Millis(0), true, &codes(ErrorCode::NONE));
        assert_eq!((commits.over(), commits.has_news()), (second, false));
    }

    #[test]
    fn what_passes_is_tried_again_until_its_time_is_over() {
        let mut commits = Commits::new(10, 1000);
        commits.mark(&at(), mark(5));
        commits.demand(Millis(0));
        for (now, code) in [(0, ErrorCode::REBALANCE_IN_PROGRESS), (10, ErrorCode::ILLEGAL_GENERATION)] {
            assert!(commits.poll(Millis(now)).is_some());
            assert_eq!(commits.on_answer(Millis(now), true, &codes(code)), (None, Some(code)));
            assert_eq!(commits.poll(Millis(now)), None);
        }
        assert!(commits.poll(Millis(1001)).is_some());
        let (over, _) = commits.on_answer(Millis(1001), true, &Committed::Lost);
        assert_eq!(over, Some(Err(Uncommitted::TimedOut)));
        // From outside the group nothing changes by waiting.
        commits.demand(Millis(2000));
        assert!(commits.poll(Millis(2000)).is_some());
        let (over, _) = commits.on_answer(Millis(2000), false, &codes(ErrorCode::ILLEGAL_GENERATION));
        assert_eq!(over, Some(Err(Uncommitted::Fenced)));
    }

    #[test]
    fn what_is_somebody_elses_is_not_committed() {
        let mut commits = Commits::new(10, 1000);
        commits.mark(&at(), mark(5));
        commits.demand(Millis(0));
        assert!(commits.poll(Millis(0)).is_some());
        commits.forget(&[at()].into());
        commits.on_answer(Millis(0), true, &codes(ErrorCode::NONE));
        // It comes back, and somebody has gone back to 5 meanwhile.
        commits.mark(&at(), mark(5));
        assert!(commits.has_news());
        commits.demand(Millis(0));
        assert!(commits.fence());
        assert_eq!(commits.poll(Millis(0)), None);
    }
}
