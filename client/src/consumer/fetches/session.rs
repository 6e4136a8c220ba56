use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};

use crate::consumer::partition::{OfTopic, TopicPartition, by_topic};

/// What is wanted of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) topic_id: Uuid,
    pub(super) offset: i64,
    /// The epoch of the leader as far as it is known, −1 for unknown.
    pub(super) leader_epoch: i32,
    pub(super) max_bytes: i32,
    /// Changes whenever what was asked for before does not count any more. Not sent.
    pub(super) stamp: u64,
}

pub(super) type Wants = BTreeMap<TopicPartition, Want>;

/// The fetch session with one broker (KIP-227): it remembers what is wanted, and is told only what has changed.
///
/// Whenever an answer is missing or wrong, the next request names everything and opens another session.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// 0 for none.
    id: i32,
    /// Of the next request; 0 opens a session.
    epoch: i32,
    /// What the broker has been told.
    known: Wants,
    under_way: bool,
}

/// The part of a request that is about sessions.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) id: i32,
    pub(super) epoch: i32,
    pub(super) topics: Vec<FetchTopic>,
    pub(super) forgotten: Vec<ForgottenTopic>,
}

impl Session {
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// What was wanted of a partition when the request was made that is under way.
    pub(super) fn asked(&self, at: &TopicPartition) -> Option<&Want> {
        self.known.get(at)
    }

    /// The partition that an answer names, by name or by id.
    pub(super) fn name_of(&self, topic: &Str, topic_id: Uuid) -> Option<Str> {
        if topic_id.is_zero() {
            return Some(topic.clone());
        }
        self.known.iter().find(|(_, want)| want.topic_id == topic_id).map(|(at, _)| at.topic.clone())
    }

    /// Makes the next request; it is under way then.
    pub(super) fn tell(&mut self, wants: Wants) -> Told {
        self.under_way = true;
        if self.epoch == 0 {
            let topics = topics(&wants);
            self.known = wants;
            return Told { id: self.id, epoch: 0, topics, forgotten: Vec::new() };
        }
        let is_new = |at: &TopicPartition, want: &Want| {
            self.known.get(at).is_none_or(|known| Want { stamp: want.stamp, ..*known } != *want)
        };
        let changed: Wants = wants
            .iter()
            .filter(|(at, want)| is_new(at, want))
            .map(|(at, want)| (at.clone(), *want))
            .collect();
        // A topic that was made anew is another one: the broker must forget the old.
        let is_gone = |at: &TopicPartition, known: &Want| {
            wants.get(at).is_none_or(|want| want.topic_id != known.topic_id)
        };
        let forgotten = forgotten(self.known.iter().filter(|(at, known)| is_gone(at, known)));
        self.known = wants;
        Told { id: self.id, epoch: self.epoch, topics: topics(&changed), forgotten }
    }

    /// An answer came with a code and the session it belongs to. Says whether its partitions count.
    pub(super) fn on_answer(&mut self, code: ErrorCode, id: i32) -> bool {
        self.under_way = false;
        if !code.is_ok() {
            if code == ErrorCode::FETCH_SESSION_ID_NOT_FOUND {
                self.id = 0;
            }
            self.epoch = 0;
            return false;
        }
        if self.epoch == 0 {
            self.id = id;
        } else if self.id != id {
            self.reset();
            return false;
        }
        // Without a session every request names everything.
        self.epoch = match self.epoch {
            _ if self.id == 0 => 0,
            i32::MAX => 1,
            epoch => epoch + 1,
        };
        true
    }

    /// The session, if there is one: to be told that it is over.
    pub(super) fn id(&self) -> Option<i32> {
        (self.id != 0).then_some(self.id)
    }

    /// No answer comes: what the broker knows is not known.
    pub(super) fn reset(&mut self) {
        self.under_way = false;
        self.epoch = 0;
    }
}

fn topics(wants: &Wants) -> Vec<FetchTopic> {
    let topic = |(topic, wants): OfTopic<&Want>| FetchTopic {
        topic,
        topic_id: wants.first().map_or(Uuid::ZERO, |(_, want)| want.topic_id),
        partitions: wants
            .into_iter()
            .map(|(partition, want)| FetchPartition {
                partition,
                current_leader_epoch: want.leader_epoch,
                fetch_offset: want.offset,
                partition_max_bytes: want.max_bytes,
                ..FetchPartition::default()
            })
            .collect(),
    };
    by_topic(wants).map(topic).collect()
}

fn forgotten<'a>(known: impl Iterator<Item = (&'a TopicPartition, &'a Want)>) -> Vec<ForgottenTopic> {
    let topic = |(topic, wants): OfTopic<&Want>| ForgottenTopic {
        topic,
        topic_id: wants.first().map_or(Uuid::ZERO, |(_, want)| want.topic_id),
        partitions: wants.into_iter().map(|(partition, _)| partition).collect(),
    };
    by_topic(known).map(topic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(offset: i64) -> Want {
        Want { topic_id: Uuid::ONE, offset, leader_epoch: 3, max_bytes: 100, stamp: 0 }
    }

    fn wants(offsets: &[(i32, i64)]) -> Wants {
        offsets.iter().map(|(index, offset)| (TopicPartition::new("t", *index), want(*offset))).collect()
    }

    fn named(told: &Told) -> Vec<(i32, i64)> {
        told.topics.iter().flat_map(|t| &t.partitions).map(|p| (p.partition, p.fetch_offset)).collect()
    }

    #[test]
    fn only_changes_are_told() {
        let mut session = Session::default();
        let told = session.tell(wants(&[(0, 1), (1, 1), (2, 1)]));
        assert_eq!((told.id, told.epoch, named(&told).len()), (0, 0, 3));
        assert!(session.on_answer(ErrorCode::NONE, 7));
        let told = session.tell(wants(&[(0, 5), (1, 1), (3, 0)]));
        assert_eq!((told.id, told.epoch), (7, 1));
        assert_eq!(named(&told), [(0, 5), (3, 0)]);
        assert_eq!(told.forgotten[0].partitions, [2]);
        assert!(session.on_answer(ErrorCode::NONE, 7));
        assert_eq!(session.tell(wants(&[(0, 5), (1, 1), (3, 0)])).epoch, 2);
    }

    #[test]
    fn a_lost_answer_makes_the_next_request_whole() {
        let mut session = Session::default();
        session.tell(wants(&[(0, 1)]));
        assert!(session.on_answer(ErrorCode::NONE, 7));
        session.tell(wants(&[(0, 2)]));
        session.reset();
        let told = session.tell(wants(&[(0, 2)]));
        // Naming the old session ends it.
        assert_eq!((told.id, told.epoch, named(&told)), (7, 0, vec![(0, 2)]));
        assert!(session.on_answer(ErrorCode::NONE, 8));
        session.tell(wants(&[(0, 2)]));
        assert!(!session.on_answer(ErrorCode::FETCH_SESSION_ID_NOT_FOUND, 0));
        let told = session.tell(wants(&[(0, 2)]));
        assert_eq!((told.id, told.epoch, named(&told).len()), (0, 0, 1));
    }

    #[test]
    fn without_a_session_everything_is_always_named() {
        let mut session = Session::default();
        for offset in 0..3 {
            let told = session.tell(wants(&[(0, 1), (1, offset)]));
            assert_eq!((told.epoch, named(&told).len()), (0, 2));
            assert!(session.on_answer(ErrorCode::NONE, 0));
        }
    }

    #[test]
    fn a_topic_made_anew_is_forgotten_and_told() {
        let mut session = Session::default();
        session.tell(wants(&[(0, 9)]));
        session.on_answer(ErrorCode::NONE, 7);
        let other = Want { topic_id: Uuid::from_u128(9), ..want(0) };
        let told = session.tell([(TopicPartition::new("t", 0), other)].into());
        assert_eq!((told.forgotten[0].topic_id, told.topics[0].topic_id), (Uuid::ONE, Uuid::from_u128(9)));
    }
}
