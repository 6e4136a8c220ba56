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
