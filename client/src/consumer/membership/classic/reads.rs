use std::collections::BTreeSet;

use ottla_assign::TopicPattern;
use ottla_types::Str;

use super::super::{Counts, Sought};

/// What a member reads: topics it names, and those that match its regular expression. No coordinator of a classic group
/// knows which these are; the member looks before it joins, and again from time to time.
#[derive(Debug)]
pub(super) struct Reads {
    named: BTreeSet<Str>,
    pattern: Option<TopicPattern>,
    /// Those that are named, and those that were seen to match.
    topics: BTreeSet<Str>,
    /// What the group was told with the last join.
    told: Option<BTreeSet<Str>>,
    look: Look,
}

/// Whether the topics are known well enough to join with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Due,
    UnderWay,
    Done,
}

impl Reads {
    pub(super) fn new(named: Vec<Str>, pattern: Option<TopicPattern>) -> Self {
        let named: BTreeSet<Str> = named.into_iter().collect();
        let look = if pattern.is_some() { Look::Due } else { Look::Done };
        Self { topics: named.clone(), named, pattern, told: None, look }
    }

    pub(super) fn contains(&self, topic: &Str) -> bool {
        self.topics.contains(topic)
    }

    /// Whether it would read the topic as far as it can know: a leader may know topics that it does not.
    pub(super) fn wants(&self, topic: &str) -> bool {
        self.named.contains(topic) || self.pattern.as_ref().is_some_and(|pattern| pattern.matches(topic))
    }

    /// What it wants to know before it joins; nothing while that is being found out.
    pub(super) fn look(&mut self) -> Option<Sought> {
        let is_due = self.look == Look::Due;
        is_due.then(|| {
            self.look = Look::UnderWay;
            Sought::All
        })
    }

    pub(super) fn is_known(&self) -> bool {
        self.look == Look::Done
    }

    /// What is to be looked at from time to time, beside topics that a leader looks at.
    pub(super) fn watched(&self, led: BTreeSet<Str>) -> Sought {
        if self.pattern.is_some() { Sought::All } else { Sought::Topics(led) }
    }

    /// The topics there are. Kafka's own are read only where they are named (`exclude.internal.topics`).
    pub(super) fn on_all(&mut self, counts: &Counts) {
        let Some(pattern) = &self.pattern else { return };
        let matching = counts.iter().filter(|(topic, counted)| !counted.internal && pattern.matches(topic));
        let topics = matching.map(|(topic, _)| topic).chain(&self.named).cloned().collect();
        let is_news = std::mem::replace(&mut self.topics, topics) != self.topics;
        if is_news || self.look == Look::UnderWay {
            self.look = Look::Done;
        }
    }

    /// What to tell the group with a join.
    pub(super) fn tell(&mut self) -> Vec<Str> {
        self.told = Some(self.topics.clone());
        self.topics.iter().cloned().collect()
    }

    /// It has joined: by the next time, there may be other topics.
    pub(super) fn on_joined(&mut self) {
        if self.pattern.is_some() {
            self.look = Look::Due;
        }
    }

    /// Whether the group has been told something else.
    pub(super) fn has_changed(&self) -> bool {
        self.told.as_ref().is_some_and(|told| *told != self.topics)
    }
}
