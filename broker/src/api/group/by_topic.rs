use std::collections::HashMap;

use ottla_types::{Str, Uuid};

/// How a request names a topic: by name, or from some version on by id; the other part is empty.
pub(in crate::api) type TopicKey = (Str, Uuid);

/// What is to be answered for partitions, under their topics, in the order topics first came up. A request may name a
/// topic twice, and hundreds of thousands of them: nothing is searched for.
#[derive(Debug)]
pub(in crate::api) struct ByTopic<T> {
    topics: Vec<(TopicKey, Vec<T>)>,
    positions: HashMap<TopicKey, usize>,
}

impl<T> Default for ByTopic<T> {
    fn default() -> Self {
        Self { topics: Vec::new(), positions: HashMap::new() }
    }
}

impl<T> ByTopic<T> {
    /// Adds answers behind those the topic has.
    pub(in crate::api) fn add(&mut self, topic: TopicKey, answers: impl IntoIterator<Item = T>) {
        let position = *self.positions.entry(topic).or_insert_with_key(|topic| {
            self.topics.push((topic.clone(), Vec::new()));
            self.topics.len() - 1
        });
        self.topics[position].1.extend(answers);
    }

    /// Adds what the coordinator answers behind what was refused before it was asked. If nothing was, its answer stays
    /// as it is: a topic named twice is then answered twice, as Kafka does.
    pub(in crate::api) fn append(&mut self, topics: impl IntoIterator<Item = (TopicKey, Vec<T>)>) {
        if self.topics.is_empty() {
            self.topics.extend(topics);
        } else {
            topics.into_iter().for_each(|(topic, answers)| self.add(topic, answers));
        }
    }

    pub(in crate::api) fn into_topics(self) -> impl Iterator<Item = (TopicKey, Vec<T>)> {
        self.topics.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_stay_in_order_and_come_once() {
        let mut answers = ByTopic::default();
        let by_name = |name| (Str::from_static(name), Uuid::ZERO);
        let by_id = |bits| (Str::new(), Uuid::from_u128(bits));
        for (topic, answer) in [
            (by_name("b"), 1),
            (by_id(7), 2),
            (by_name("a"), 3),
            (by_id(8), 4),
            (by_name("b"), 5),
            (by_id(7), 6),
        ] {
            answers.add(topic, [answer]);
        }
        let expected = vec![
            (by_name("b"), vec![1, 5]),
            (by_id(7), vec![2, 6]),
            (by_name("a"), vec![3]),
            (by_id(8), vec![4]),
        ];
        assert_eq!(answers.into_topics().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_coordinators_answer_is_merged_only_with_earlier_ones() {
        let key = || (Str::from_static("a"), Uuid::ZERO);
        let answer = || [(key(), vec![1]), (key(), vec![2])];
        let mut answers = ByTopic::default();
        answers.append(answer());
        assert_eq!(answers.into_topics().collect::<Vec<_>>(), answer());
        let mut answers = ByTopic::default();
        answers.add(key(), [0]);
        answers.append(answer());
        assert_eq!(answers.into_topics().collect::<Vec<_>>(), [(key(), vec![0, 1, 2])]);
    }
}
