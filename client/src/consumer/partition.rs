use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use ottla_types::Str;

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Str,
    /// The partition's index.
    pub partition: i32,
}

impl TopicPartition {
    /// The partition of this index.
    #[must_use]
    pub fn new(topic: impl Into<Str>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// What the broker said of a partition's log with its last answer to a fetch; −1 for what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermarks {
    /// The first offset there is.
    pub log_start_offset: i64,
    /// Before it no transaction is open.
    pub last_stable_offset: i64,
    /// One past the last record that can be read.
    pub high_watermark: i64,
}

impl Watermarks {
    pub(super) const UNKNOWN: Self =
        Self { log_start_offset: -1, last_stable_offset: -1, high_watermark: -1 };

    /// An answer that says less than one before, as of a broker that is behind, takes nothing back.
    pub(super) fn raise(&mut self, to: Self) {
        self.log_start_offset = self.log_start_offset.max(to.log_start_offset);
        self.last_stable_offset = self.last_stable_offset.max(to.last_stable_offset);
        self.high_watermark = self.high_watermark.max(to.high_watermark);
    }
}

/// Partitions, each once, in order.
pub(crate) type Partitions = BTreeSet<TopicPartition>;

/// A topic with items of its partitions.
pub(crate) type OfTopic<T> = (Str, Vec<(i32, T)>);

/// Items of partitions by topic, as requests want them.
pub(crate) fn by_topic<'a, T>(
    items: impl IntoIterator<Item = (&'a TopicPartition, T)>,
) -> impl Iterator<Item = OfTopic<T>> {
    let mut topics: BTreeMap<Str, Vec<(i32, T)>> = BTreeMap::new();
    for (at, item) in items {
        topics.entry(at.topic.clone()).or_default().push((at.partition, item));
    }
    topics.into_iter()
}
