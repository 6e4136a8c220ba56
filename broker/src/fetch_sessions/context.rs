use std::{collections::HashSet, sync::Arc};

use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::{
    fetch_request::{FetchPartition, FetchRequest},
    fetch_response::{FetchableTopicResponse, PartitionData},
};
use parking_lot::Mutex;

use super::cache::{FetchSessions, NewSession, Session};
use super::partitions::{Partitions, TopicKey};

/// A partition to read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// Its topic, as the client named it.
    pub(crate) topic: TopicKey,
    /// What of it.
    pub(crate) partition: FetchPartition,
}

impl Wanted {
    pub(super) fn new(topic: TopicKey, partition: &FetchPartition) -> Self {
        Self { topic, partition: partition.clone() }
    }
}

/// The part of a Fetch response that depends on the session.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Answer {
    /// NONE, or the reason why there is nothing else.
    pub(crate) error_code: ErrorCode,
    /// The session from now on, 0 for none.
    pub(crate) session_id: i32,
    /// The topics.
    pub(crate) responses: Vec<FetchableTopicResponse>,
}

impl Answer {
    /// The answer to a request whose session is not right.
    #[must_use]
    pub(crate) fn failed(error_code: ErrorCode) -> Self {
        Self { error_code, ..Self::default() }
    }
}

/// Who asks, for a session that is to be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a, P> {
    /// The principal.
    pub(crate) principal: &'a P,
    /// Whether it is a follower, whose sessions are kept longer.
    pub(crate) follower: bool,
}

#[derive(Debug)]
pub(super) enum Kind {
    Sessionless,
    Open { with_ids: bool },
    Incremental { id: i32, session: Arc<Mutex<Session>>, expected_epoch: i32 },
}

/// One Fetch request with its session.
#[derive(Debug)]
pub(crate) struct FetchContext {
    pub(super) kind: Kind,
    pub(super) wanted: Vec<Wanted>,
}

impl FetchContext {
    /// What to read, in this order, each partition once.
    #[must_use]
    pub(crate) fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// Makes the answer from what was read, in the order of [`wanted`](Self::wanted). `random` gives ids for new sessions.
    pub(crate) fn answer<P: PartialEq + Clone>(
        self,
        sessions: &Mutex<FetchSessions<P>>,
        now: Millis,
        owner: Owner<'_, P>,
        mut read: Vec<(TopicKey, PartitionData)>,
        random: impl FnMut() -> i32,
    ) -> Answer {
        match self.kind {
            Kind::Sessionless => Answer { responses: by_topic(read), ..Answer::default() },
            Kind::Open { with_ids } => {
                let mut partitions = Partitions::default();
                for wanted in &self.wanted {
                    partitions.put(&wanted.topic, &wanted.partition);
                }
                for (topic, data) in &mut read {
                    partitions.note(topic, data);
                }
                let Owner { principal, follower } = owner;
                let new = NewSession { now, principal, with_ids, follower, partitions };
                let session_id = sessions.lock().create(new, random);
                Answer { session_id, responses: by_topic(read), ..Answer::default() }
            }
            Kind::Incremental { id, session, expected_epoch } => {
                let mut session = session.lock();
                if session.epoch != expected_epoch {
                    // Another connection went on with this session while we waited.
                    return Answer::failed(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
                }
                let mut news = read;
                news.retain_mut(|(topic, data)| session.partitions.is_news(topic, data));
                Answer { session_id: id, responses: by_topic(news), ..Answer::default() }
            }
        }
    }
}

pub(super) fn topic_key(name: &Str, id: Uuid, with_ids: bool) -> TopicKey {
    if with_ids { TopicKey::Id(id) } else { TopicKey::Name(name.clone()) }
}

/// The partitions a request names itself. One that is named twice is read once, as the last mention says.
pub(super) fn wanted_by(request: &FetchRequest, with_ids: bool) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for topic in &request.topics {
        let key = topic_key(&topic.topic, topic.topic_id, with_ids);
        all.extend(topic.partitions.iter().map(|partition| Wanted::new(key.clone(), partition)));
    }
    let mut seen = HashSet::with_capacity(all.len());
    if all.iter().all(|wanted| seen.insert((&wanted.topic, wanted.partition.partition))) {
        return all;
    }
    let mut once = Partitions::default();
    for wanted in &all {
        once.put(&wanted.topic, &wanted.partition);
    }
    once.wanted().map(|(topic, partition)| Wanted::new(topic.clone(), partition)).collect()
}

/// Puts neighbours of the same topic together, as Kafka does.
fn by_topic(partitions: Vec<(TopicKey, PartitionData)>) -> Vec<FetchableTopicResponse> {
    let mut topics: Vec<(TopicKey, FetchableTopicResponse)> = Vec::new();
    for (key, data) in partitions {
        match topics.last_mut() {
            Some((last, response)) if *last == key => response.partitions.push(data),
            _ => {
                let (topic, topic_id) = match &key {
                    TopicKey::Name(name) => (name.clone(), Uuid::ZERO),
                    TopicKey::Id(id) => (Str::default(), *id),
                };
                topics.push((key, FetchableTopicResponse { topic, topic_id, partitions: vec![data] }));
            }
        }
    }
    topics.into_iter().map(|(_, response)| response).collect()
}
