//! The producer's task: asks the batches what to do, and does it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use ottla_types::{ErrorCode, Millis};
use ottla_wire::messages::init_producer_id_request::InitProducerIdRequest;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Shared,
    batches::{Identity, Outcome, Requests},
    lane::{self, Answered, Load, Manner, Parcel},
    state::State,
    txn::{Action, Answer},
};
use crate::{Client, ClientError, TopicInfo};

/// How often the cluster is asked at most about topics that give trouble.
const REFRESH_PAUSE: Duration = Duration::from_millis(100);
/// How often it is asked although nothing is wrong: partitions may have been added (`metadata.max.age.ms`).
const METADATA_AGE: Duration = Duration::from_mins(5);

/// What was found out beside the sending.
enum News {
    Topics(Vec<TopicInfo>),
    Identity(i64, i16),
    Txn(Answer),
}

struct Driver {
    shared: Arc<Shared>,
    manner: Manner,
    lanes: HashMap<i32, mpsc::UnboundedSender<Load>>,
    answers: mpsc::UnboundedSender<Answered>,
    asked: JoinSet<News>,
    stale: BTreeSet<String>,
    asks_topics: bool,
    asks_identity: bool,
}

/// Works until the producer is closed and everything is settled.
pub(super) async fn drive(shared: Arc<Shared>) {
    let (answers, mut answered) = mpsc::unbounded_channel();
    let manner = Manner {
        client: shared.client.apart(),
        acks: shared.options.acks,
        request_timeout: shared.options.request_timeout,
        transactional_id: shared.txn.as_ref().map(|txn| txn.id.clone()),
    };
    let mut driver = Driver {
        shared,
        manner,
        lanes: HashMap::new(),
        answers,
        asked: JoinSet::new(),
        stale: BTreeSet::new(),
        asks_topics: false,
        asks_identity: false,
    };
    let mut aged = Instant::now() + METADATA_AGE;
    loop {
        let shared = Arc::clone(&driver.shared);
        // Before looking: what comes while we look is not missed.
        let woken = shared.wake.notified();
        let Some(deadline) = driver.work() else { return };
        tokio::select! {
            () = woken => {}
            Some(answer) = answered.recv() => {
                driver.on_answer(answer);
                while let Ok(answer) = answered.try_recv() {
                    driver.on_answer(answer);
                }
            }
            Some(Ok(news)) = driver.asked.join_next() => driver.on_news(news),
            () = sleep_until(deadline.unwrap_or(aged).min(aged)) => {
                if Instant::now() >= aged {
                    aged = Instant::now() + METADATA_AGE;
                    let topics = driver.state().topics();
                    driver.stale.extend(topics);
                }
            }
        }
    }
}

impl Driver {
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what can be sent. Says when to look again; `None` once there is nothing left to do, ever.
    fn work(&mut self) -> Option<Option<Instant>> {
        loop {
            let now = self.shared.now();
            let (requests, deadline, action) = {
                let mut state = self.state();
                state.expire(now);
                let action = state.step_transaction(now);
                if state.is_done(now) {
                    drop(state);
                    // Who waits for the end is told of it.
                    self.shared.room.notify_waiters();
                    return None;
                }
                let State { batches, places, txn, .. } = &mut *state;
                let requests = batches.take(now, |queue| places[queue].leader);
                let ends = txn.as_ref().and_then(|txn| txn.deadline(now));
                let deadline = batches.deadline(now).into_iter().chain(ends).min();
                let topic = |queue: &usize| places[*queue].topic.to_string();
                let leaderless: Vec<_> = requests.without_leader.iter().map(topic).collect();
                if requests.needs_identity {
                    batches.set_identity(Identity::Wanted);
                }
                drop(state);
                self.stale.extend(leaderless);
                (requests, deadline, action)
            };
            let some = !requests.by_node.is_empty();
            self.ask_coordinator(action);
            self.dispatch(requests);
            self.ask();
            if !some {
                self.shared.room.notify_waiters();
                return Some(deadline.map(|at| self.shared.instant(at)));
            }
        }
    }

    fn dispatch(&mut self, requests: Requests) {
        let at_most = self.state().produce_at_most();
        for (node, jobs) in requests.by_node {
            let parcels: Vec<Parcel> = {
                let state = self.state();
                let parcel = |job: super::queue::Job| {
                    let place = state.places[job.queue].clone();
                    Parcel { job, topic: place.topic, topic_id: place.topic_id, partition: place.partition }
                };
                jobs.into_iter().map(parcel).collect()
            };
            let (manner, answers) = (self.manner.clone(), self.answers.clone());
            let lane = self.lanes.entry(node).or_insert_with(|| {
                let (sender, requests) = mpsc::unbounded_channel();
                tokio::spawn(lane::run(node, manner, requests, answers));
                sender
            });
            // A lane lives as long as this sender.
            let _ = lane.send(Load { parcels, at_most });
        }
    }

    /// Asks the cluster for what is missing, one question of a kind at a time.
    fn ask(&mut self) {
        if !self.stale.is_empty() && !self.asks_topics {
            self.asks_topics = true;
            let topics = std::mem::take(&mut self.stale);
            self.asked.spawn(find_topics(self.shared.client.clone(), topics));
        }
        let wanted = self.shared.txn.is_none() && self.state().batches.identity() == Identity::Wanted;
        if wanted && !self.asks_identity {
            self.asks_identity = true;
            self.asked.spawn(find_identity(self.shared.client.clone(), self.shared.options.retry_backoff));
        }
    }

    /// Asks for what the open transaction needs.
    fn ask_coordinator(&mut self, action: Option<Action>) {
        let (Some(action), Some(txn)) = (action, &self.shared.txn) else { return };
        let (client, txn) = (self.manner.client.clone(), txn.clone());
        let partitions = self.state().partitions_of(&action);
        let patience = self.manner.request_timeout;
        self.asked.spawn(async move { News::Txn(txn.ask(&client, action, &partitions, patience).await) });
    }

    fn on_news(&mut self, news: News) {
        match news {
            News::Topics(topics) => {
                self.asks_topics = false;
                let mut state = self.state();
                topics.iter().for_each(|topic| state.learn(topic));
            }
            News::Identity(id, epoch) => {
                self.asks_identity = false;
                self.state().batches.set_identity(Identity::Known { id, epoch });
            }
            News::Txn(answer) => {
                let now = self.shared.now();
                self.state().txn.iter_mut().for_each(|txn| txn.on_answer(now, answer.clone()));
            }
        }
    }

    fn on_answer(&mut self, answer: Answered) {
        let now = self.shared.now();
        let mut stale = Vec::new();
        let mut state = self.state();
        state.batches.on_request_over(answer.node);
        for (sent, outcome) in answer.batches {
            if may_have_moved(outcome) {
                stale.push(state.places[sent.queue].topic.to_string());
            }
            let settled = state.batches.on_answer(now, sent.queue, (sent.batch, sent.bytes), outcome);
            state.settle(settled);
        }
        for (queue, leader, epoch) in answer.leaders {
            state.follow(queue, leader, epoch);
        }
        drop(state);
        self.stale.extend(stale);
    }
}

/// Whether the partition may have another leader, or another topic its name.
fn may_have_moved(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Acknowledged { .. } => false,
        Outcome::Lost | Outcome::NotSent => true,
        Outcome::Refused(code) => matches!(
            code,
            ErrorCode::NOT_LEADER_OR_FOLLOWER
                | ErrorCode::LEADER_NOT_AVAILABLE
                | ErrorCode::FENCED_LEADER_EPOCH
                | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
                | ErrorCode::UNKNOWN_TOPIC_ID
                | ErrorCode::KAFKA_STORAGE_ERROR
                | ErrorCode::REPLICA_NOT_AVAILABLE
        ),
    }
}

async fn find_topics(client: Client, names: BTreeSet<String>) -> News {
    sleep(REFRESH_PAUSE).await;
    // What cannot be found out now is asked for again by the batches that wait for it.
    News::Topics(client.known_topics(names).await.unwrap_or_default())
}

async fn find_identity(client: Client, pause: Duration) -> News {
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        ..InitProducerIdRequest::default()
    };
    loop {
        let answer: Result<_, ClientError> = client.ask(&request).await;
        if let Some(given) = answer.ok().filter(|answer| answer.error_code.is_ok()) {
            return News::Identity(given.producer_id, given.producer_epoch);
        }
        sleep(pause).await;
    }
}

impl Shared {
    pub(super) fn now(&self) -> Millis {
        Millis(i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    /// The first moment at which [`now`](Self::now) says so.
    fn instant(&self, at: Millis) -> Instant {
        let since = Duration::from_millis(u64::try_from(at.0).unwrap_or_default());
        Instant::from_std(self.began + since)
    }
}
