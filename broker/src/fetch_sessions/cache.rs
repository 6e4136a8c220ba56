use std::{collections::HashMap, sync::Arc};

use ottla_types::{ErrorCode, Millis};
use ottla_wire::messages::fetch_request::FetchRequest;
use parking_lot::Mutex;

use super::context::{FetchContext, Kind, topic_key, wanted_by};
use super::partitions::Partitions;

/// From this version on topics are named by id.
const FIRST_WITH_IDS: i16 = 13;

/// How many sessions there may be and how long they are safe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionLimits {
    /// `max.incremental.fetch.session.cache.slots`; 0 turns sessions off.
    pub(crate) slots: usize,
    /// `MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS`: a session unused for longer gives way to anybody, one that has
    /// existed for longer gives way to a larger or a follower's one.
    pub(crate) eviction_ms: i64,
    /// How many partitions all sessions may name; beyond, clients are served without a session.
    pub(crate) partitions: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { slots: 1000, eviction_ms: 120_000, partitions: 2_000_000 }
    }
}

/// One session. Its lock is held while its own requests are taken apart, never while something is read.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) partitions: Partitions,
    /// The epoch the next request must carry.
    pub(super) epoch: i32,
}

impl Session {
    fn advance(&mut self) {
        self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
    }
}

#[derive(Debug)]
struct Slot<P> {
    session: Arc<Mutex<Session>>,
    principal: P,
    with_ids: bool,
    follower: bool,
    created: Millis,
    used: Millis,
    size: usize,
}

/// The sessions of a broker. `P` is whatever tells principals apart.
#[derive(Debug)]
pub(crate) struct FetchSessions<P> {
    limits: SessionLimits,
    sessions: HashMap<i32, Slot<P>>,
    partitions: usize,
    evicted: u64,
}

impl<P: PartialEq + Clone> FetchSessions<P> {
    /// No sessions yet.
    #[must_use]
    pub(crate) fn new(limits: SessionLimits) -> Self {
        Self { limits, sessions: HashMap::new(), partitions: 0, evicted: 0 }
    }

    /// How many sessions there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    /// How many partitions the sessions name.
    #[must_use]
    pub(crate) fn partitions(&self) -> usize {
        self.partitions
    }

    /// How many sessions have had to give way since the start.
    #[must_use]
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// What `request` of `version` asks for, with the session it names.
    ///
    /// # Errors
    /// FETCH_SESSION_ID_NOT_FOUND (70), INVALID_FETCH_SESSION_EPOCH (71) or FETCH_SESSION_TOPIC_ID_ERROR (106): the
    /// whole answer is this code, session id 0 and no topics.
    pub(crate) fn begin(
        &mut self,
        now: Millis,
        principal: &P,
        version: i16,
        request: &FetchRequest,
    ) -> Result<FetchContext, ErrorCode> {
        let (id, epoch) = (request.session_id, request.session_epoch);
        let with_ids = version >= FIRST_WITH_IDS;
        // Any other negative epoch is simply not the one expected.
        if epoch == 0 || epoch == -1 {
            if self.sessions.get(&id).is_some_and(|slot| slot.principal == *principal) {
                self.remove(id);
            }
            let kind = if epoch == 0 { Kind::Open { with_ids } } else { Kind::Sessionless };
            return Ok(FetchContext { kind, wanted: wanted_by(request, with_ids) });
        }
        let slot = self.sessions.get_mut(&id).filter(|slot| slot.principal == *principal);
        let slot = slot.ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        let session = Arc::clone(&slot.session);
        let mut inner = session.lock();
        if inner.epoch != epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        if slot.with_ids != with_ids {
            return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        slot.used = now;
        inner.apply(request, with_ids);
        self.partitions = self.partitions - slot.size + inner.partitions.len();
        slot.size = inner.partitions.len();
        if inner.partitions.is_empty() {
            self.remove(id);
            return Ok(FetchContext { kind: Kind::Sessionless, wanted: Vec::new() });
        }
        inner.advance();
        let wanted = inner.wanted();
        let expected_epoch = inner.epoch;
        drop(inner);
        Ok(FetchContext { kind: Kind::Incremental { id, session, expected_epoch }, wanted })
    }

    /// Keeps a new session, if there is room or somebody to give way; returns its id, or 0.
    pub(super) fn create(&mut self, new: NewSession<'_, P>, mut random: impl FnMut() -> i32) -> i32 {
        let size = new.partitions.len();
        if self.partitions + size > self.limits.partitions || !self.make_room(new.now, new.follower, size) {
            return 0;
        }
        let id = loop {
            let id = random() & i32::MAX;
            if id != 0 && !self.sessions.contains_key(&id) {
                break id;
            }
        };
        let session = Arc::new(Mutex::new(Session { partitions: new.partitions, epoch: 1 }));
        let slot = Slot {
            session,
            principal: new.principal.clone(),
            with_ids: new.with_ids,
            follower: new.follower,
            created: new.now,
            used: new.now,
            size,
        };
        self.sessions.insert(id, slot);
        self.partitions += size;
        id
    }

    /// True when a slot is free, after taking one away if the rules allow it.
    fn make_room(&mut self, now: Millis, follower: bool, size: usize) -> bool {
        if self.sessions.len() < self.limits.slots {
            return true;
        }
        let eviction_ms = self.limits.eviction_ms;
        let oldest = self.sessions.iter().min_by_key(|(_, slot)| slot.used);
        let stale = oldest.filter(|(_, slot)| now.since(slot.used) > eviction_ms).map(|(id, _)| *id);
        let smaller = || {
            let settled = self.sessions.iter().filter(|(_, slot)| now.since(slot.created) > eviction_ms);
            let weakest = settled.min_by_key(|(id, slot)| (slot.follower, slot.size, **id));
            weakest.filter(|(_, slot)| (slot.follower, slot.size) < (follower, size)).map(|(id, _)| *id)
        };
        let Some(id) = stale.or_else(smaller) else { return false };
        self.remove(id);
        self.evicted += 1;
        true
    }

    #[cfg(test)]
    pub(super) fn set_epoch(&mut self, id: i32, epoch: i32) {
        self.sessions[&id].session.lock().epoch = epoch;
    }

    fn remove(&mut self, id: i32) {
        if let Some(slot) = self.sessions.remove(&id) {
            self.partitions -= slot.size;
        }
    }
}

/// What a session is made of.
pub(super) struct NewSession<'a, P> {
    pub(super) now: Millis,
    pub(super) principal: &'a P,
    pub(super) with_ids: bool,
    pub(super) follower: bool,
    pub(super) partitions: Partitions,
}

impl Session {
    fn apply(&mut self, request: &FetchRequest, with_ids: bool) {
        for topic in &request.topics {
            let key = topic_key(&topic.topic, topic.topic_id, with_ids);
            for partition in &topic.partitions {
                self.partitions.put(&key, partition);
            }
        }
        for topic in &request.forgotten_topics_data {
            let key = topic_key(&topic.topic, topic.topic_id, with_ids);
            for partition in &topic.partitions {
                self.partitions.forget(&key, *partition);
            }
        }
    }

    fn wanted(&self) -> Vec<super::Wanted> {
        let wanted = |(topic, request): (&super::TopicKey, &_)| super::Wanted::new(topic.clone(), request);
        self.partitions.wanted().map(wanted).collect()
    }
}
