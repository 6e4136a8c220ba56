use ottla_types::{Millis, Str};
use std::collections::{BTreeSet, HashMap};

/// What may become due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// The group has waited long enough for members to join.
    Join(Str),
    /// The group has waited long enough for members to sync.
    Sync(Str),
    /// The member (group, member id) has not been heard of for its session timeout.
    Session(Str, Str),
    /// As `Session`, in a consumer group.
    ConsumerSession(Str, Str),
    /// The member (group, member id) has had its time to give partitions up.
    ConsumerRebalance(Str, Str),
    /// The classic member of a consumer group has had its time to join again.
    ConsumerJoin(Str, Str),
    /// The classic member of a consumer group has had its time to sync.
    ConsumerSync(Str, Str),
    /// The group's regular expressions are to be resolved.
    Regex(Str),
}

impl Timer {
    /// All that can become due of a member of a consumer group.
    pub(super) const CONSUMER_MEMBER: [fn(Str, Str) -> Self; 4] =
        [Self::ConsumerSession, Self::ConsumerRebalance, Self::ConsumerJoin, Self::ConsumerSync];
}

/// Deadlines by name; setting one again moves it.
#[derive(Debug, Default)]
pub(super) struct Timers {
    by_time: BTreeSet<(Millis, Timer)>,
    by_name: HashMap<Timer, Millis>,
}

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Millis) {
        if let Some(before) = self.by_name.insert(timer.clone(), at) {
            self.by_time.remove(&(before, timer.clone()));
        }
        self.by_time.insert((at, timer));
    }

    pub(super) fn cancel(&mut self, timer: &Timer) {
        if let Some((timer, at)) = self.by_name.remove_entry(timer) {
            self.by_time.remove(&(at, timer));
        }
    }

    pub(super) fn is_set(&self, timer: &Timer) -> bool {
        self.by_name.contains_key(timer)
    }

    pub(super) fn next(&self) -> Option<Millis> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the earliest timer that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Millis) -> Option<Timer> {
        if self.next()? > now {
            return None;
        }
        let (_, timer) = self.by_time.pop_first()?;
        self.by_name.remove(&timer);
        Some(timer)
    }
}
