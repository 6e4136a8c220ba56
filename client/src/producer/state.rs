use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ottla_records::{Header, NewRecord};
use ottla_types::{Millis, Str, Uuid};

use super::{
    OutgoingRecord, ProducerOptions, SendError,
    ack::{AckFuture, Done},
    batches::{Batches, Delivered, Identity, NotTaken, Rules},
    sticky::Sticky,
    txn::{Action, Pace, Request, Transactions},
};
use crate::{TopicInfo, TopicPartition, partition_for_key};

/// The last version of Produce whose batches do not add their partitions to the transaction.
const LAST_BEFORE_2: i16 = 11;

/// Where the batches of a queue go.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) topic: Str,
    pub(super) topic_id: Uuid,
    pub(super) partition: i32,
    /// `None` while nobody leads it.
    pub(super) leader: Option<i32>,
    /// −1 for unknown.
    pub(super) leader_epoch: i32,
}

/// A topic as the producer knows it.
#[derive(Debug)]
struct Route {
    /// Queues by partition.
    queues: Vec<usize>,
    sticky: Sticky,
}

/// What a producer holds, behind one short lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) batches: Batches<Arc<Done>>,
    /// By queue.
    pub(super) places: Vec<Place>,
    routes: HashMap<String, Route>,
    pub(super) closed: bool,
    /// Of a producer whose records all belong to transactions.
    pub(super) txn: Option<Transactions>,
    /// The first batch since the last flush that was not delivered.
    pub(super) failure: Option<SendError>,
    batch_bytes: usize,
    max_request_bytes: usize,
}

/// What became of a record that was offered.
pub(super) enum Taken {
    /// It is in a batch.
    Batched(AckFuture),
    /// There is no room at the moment.
    Full,
    /// The topic is not known yet.
    UnknownTopic,
}

impl State {
    pub(super) fn new(options: &ProducerOptions) -> Self {
        let identity = if options.idempotence { Identity::Wanted } else { Identity::None };
        Self {
            batches: Batches::new(Rules::of(options), identity),
            places: Vec::new(),
            routes: HashMap::new(),
            closed: false,
            txn: None,
            failure: None,
            batch_bytes: options.batch_bytes,
            max_request_bytes: options.max_request_bytes,
        }
    }

    /// The same for a producer whose records all belong to transactions.
    pub(super) fn transactional(options: &ProducerOptions, pace: Pace) -> Self {
        let batches = Batches::new(Rules::of(options).in_transactions(), Identity::Wanted);
        Self { batches, txn: Some(Transactions::new(pace)), ..Self::new(options) }
    }

    /// Takes the transaction as far as it goes now. Says what is to be asked.
    pub(super) fn step_transaction(&mut self, now: Millis) -> Option<Action> {
        let txn = self.txn.as_mut()?;
        txn.expire(now);
        // First, because it may have been all that was waited for.
        if let Some(all) = txn.gives_up() {
            let over = self.batches.give_up(all);
            self.settle(over);
        }
        let txn = self.txn.as_mut()?;
        if !txn.is_at_2() {
            txn.want(self.batches.not_admitted());
        }
        let action = txn.poll(now, self.batches.is_empty());
        self.batches.set_identity(txn.identity());
        self.batches.admit(txn.added());
        action
    }

    /// Whether nothing is left to be done once it is closed.
    pub(super) fn is_done(&self, now: Millis) -> bool {
        self.closed && self.batches.is_empty() && self.txn.as_ref().is_none_or(|txn| txn.is_done(now))
    }

    /// The last version of Produce that may be used: from 12 on batches add their partitions to the transaction themselves.
    pub(super) fn produce_at_most(&self) -> i16 {
        if self.txn.as_ref().is_some_and(|txn| !txn.is_at_2()) { LAST_BEFORE_2 } else { i16::MAX }
    }

    /// The partitions that are to be added to the transaction, by queue.
    pub(super) fn partitions_of(&self, action: &Action) -> BTreeMap<TopicPartition, usize> {
        let Action::Ask(_, Request::Partitions(_, queues)) = action else { return BTreeMap::new() };
        let at = |queue: &usize| {
            let place = &self.places[*queue];
            (TopicPartition::new(place.topic.clone(), place.partition), *queue)
        };
        queues.iter().map(at).collect()
    }

    /// The topics records go to.
    pub(super) fn topics(&self) -> Vec<String> {
        self.routes.keys().cloned().collect()
    }

    /// Takes over what the cluster says of a topic: its id, leaders, and partitions that are new.
    pub(super) fn learn(&mut self, info: &TopicInfo) {
        let topic = Str::from(info.name.as_str());
        let route = self
            .routes
            .entry(info.name.clone())
            .or_insert_with(|| Route { queues: Vec::new(), sticky: Sticky::new() });
        for partition in &info.partitions {
            let at = usize::try_from(partition.index).unwrap_or(usize::MAX);
            // Partitions are counted from 0 without gaps; the list is in order.
            if at >= route.queues.len() {
                route.queues.push(self.batches.add_queue());
                self.places.push(Place {
                    topic: topic.clone(),
                    topic_id: info.id,
                    partition: partition.index,
                    leader: None,
                    leader_epoch: -1,
                });
            }
            if let Some(place) = route.queues.get(at).and_then(|queue| self.places.get_mut(*queue)) {
                let is_same = place.topic_id == info.id && !info.id.is_zero();
                if is_same && partition.leader_epoch < place.leader_epoch {
                    // A broker that is behind the others tells what was.
                    continue;
                }
                place.topic_id = info.id;
                place.leader = (partition.leader >= 0).then_some(partition.leader);
                place.leader_epoch = partition.leader_epoch;
            }
        }
    }

    /// Whoever was asked says who leads a partition now (KIP-951): what it did not take goes there at once.
    pub(super) fn follow(&mut self, queue: usize, leader: i32, epoch: i32) {
        let place = &mut self.places[queue];
        if epoch > place.leader_epoch {
            (place.leader, place.leader_epoch) = (Some(leader), epoch);
            self.batches.hurry(queue);
        }
    }

    /// Tells those who wait.
    pub(super) fn settle(&mut self, settled: impl IntoIterator<Item = Delivered<Arc<Done>>>) {
        for Delivered { handle, part, result, .. } in settled {
            if let Err(why) = result {
                self.failure.get_or_insert_with(|| handle.error(why));
                self.txn.iter_mut().for_each(|txn| txn.on_undelivered(why.0));
            }
            handle.settle(part, result);
        }
    }

    /// Gives up what has waited for longer than it may.
    pub(super) fn expire(&mut self, now: Millis) {
        let over = self.batches.expire(now);
        self.settle(over);
    }

    /// Offers a record. Says whether whoever sends must be told. The clock is looked at only where a batch begins.
    ///
    /// # Errors
    /// It can never be taken.
    pub(super) fn offer(
        &mut self,
        now: &dyn Fn() -> Millis,
        topic: &str,
        record: &OutgoingRecord,
        timestamp: i64,
    ) -> Result<(Taken, bool), SendError> {
        if self.closed {
            return Err(SendError::Closed);
        }
        if self.txn.as_ref().is_some_and(|txn| !txn.is_open()) {
            return Err(SendError::Aborted);
        }
        let Some(route) = self.routes.get_mut(topic) else {
            return Ok((Taken::UnknownTopic, false));
        };
        let (queue, is_sticky) = route.choose(record, &self.places)?;
        let headers: Vec<Header<'_>> =
            record.headers.iter().map(|(key, value)| (key.as_bytes(), value.as_deref())).collect();
        let new = NewRecord {
            timestamp,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        };
        let place = &self.places[queue];
        let handle = || Done::new(place.topic.clone(), place.partition);
        match self.batches.push(now, queue, &new, handle) {
            Ok(pushed) => {
                self.txn.iter_mut().for_each(Transactions::on_record);
                if is_sticky {
                    let leads = |queue: usize| self.places[queue].leader.is_some();
                    route.sticky.on_pushed(pushed.bytes, self.batch_bytes, &route.queues, leads);
                }
                let ack = AckFuture { done: pushed.handle, index: pushed.index, timestamp, key: None };
                Ok((Taken::Batched(ack), pushed.news))
            }
            Err(NotTaken::Full) => Ok((Taken::Full, false)),
            Err(NotTaken::TooLarge(size)) => {
                Err(SendError::TooLarge { size, allowed: self.max_request_bytes })
            }
        }
    }
}

impl Route {
    /// The queue of a record; whether it is the sticky partition's.
    fn choose(&self, record: &OutgoingRecord, places: &[Place]) -> Result<(usize, bool), SendError> {
        let count = self.queues.len();
        let (partition, is_sticky) = match (record.partition, &record.key) {
            (Some(partition), _) => (partition, false),
            (None, Some(key)) => (partition_for_key(key, i32::try_from(count).unwrap_or(i32::MAX)), false),
            (None, None) => (i32::try_from(self.sticky.partition()).unwrap_or_default(), true),
        };
        let queue = usize::try_from(partition).ok().and_then(|at| self.queues.get(at));
        queue.map(|queue| (*queue, is_sticky)).ok_or_else(|| SendError::NoPartition {
            topic: self.queues.first().map_or_else(Str::new, |queue| places[*queue].topic.clone()),
            partition,
            count,
        })
    }
}

#[cfg(test)]
mod tests {
    use ottla_types::ErrorCode;

    use super::*;
    use crate::{
        PartitionInfo,
        producer::{batches::Outcome, build::build},
    };

    fn topic(leader: i32, leader_epoch: i32) -> TopicInfo {
        let partition = PartitionInfo {
            index: 0,
            leader,
            leader_epoch,
            replicas: Vec::new(),
            isr: Vec::new(),
            eligible: None,
            last_known_eligible: None,
        };
        TopicInfo { name: "t".into(), id: Uuid::ONE, internal: false, partitions: vec![partition] }
    }

    /// Where the batch of the only partition goes now.
    fn sent(state: &mut State) -> Option<(i32, u64, bytes::Bytes)> {
        let State { batches, places, .. } = state;
        let (node, mut jobs) = batches.take(Millis(0), |queue| places[queue].leader).by_node.pop()?;
        let job = jobs.pop()?;
        Some((node, job.batch, build(job.body, job.stamp)))
    }

    #[test]
    fn a_leader_that_is_told_with_the_refusal_gets_the_batch_at_once() {
        let mut state = State::new(&ProducerOptions { idempotence: false, ..ProducerOptions::default() });
        state.learn(&topic(1, 4));
        let record = OutgoingRecord::value("v");
        let offered = state.offer(&|| Millis(0), "t", &record, 0);
        assert!(matches!(offered, Ok((Taken::Batched(_), _))));
        state.batches.close_all();
        let refused = Outcome::Refused(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        let refuse = |state: &mut State, from: i32| {
            let (node, batch, bytes) = sent(state).expect("it goes");
            assert_eq!(node, from);
            state.batches.on_request_over(node);
            assert!(state.batches.on_answer(Millis(0), 0, (batch, bytes), refused).is_none());
            assert_eq!(sent(state), None, "it waits");
        };
        refuse(&mut state, 1);
        state.follow(0, 2, 5);
        refuse(&mut state, 2);
        // What is older than what is known changes nothing.
        state.follow(0, 1, 4);
        state.learn(&topic(1, 4));
        assert_eq!((sent(&mut state), state.places[0].leader), (None, Some(2)));
        state.learn(&topic(3, 6));
        assert_eq!(state.places[0].leader, Some(3));
    }
}
