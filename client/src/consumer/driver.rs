//! The consumer's task: asks the machines what to do, and does it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use ottla_types::{ErrorCode, Millis, Str};
use ottla_wire::messages::fetch_response::FetchResponse;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    Shared, calls,
    commits::Committed,
    fetches::{Ask, At, Found, Stamped},
    membership::{Action, Answer, Counted, Counts, Failure, Request, Sought},
    partition::TopicPartition,
    state::State,
};
use crate::{Client, ClientError, PartitionInfo, TopicInfo};

/// How often the cluster is asked while a topic that somebody wants to read is not there.
const MISSING_TOPIC_AGE: Duration = Duration::from_secs(1);

/// How long a broker may take to hear that nothing more is fetched.
const FAREWELL: Duration = Duration::from_secs(1);

/// What came of something that was asked.
enum Done {
    Coordinator(Result<i32, Option<ErrorCode>>),
    Member(u64, Answer),
    /// With the racks of the brokers.
    Counts(Sought, Option<Vec<TopicInfo>>, HashMap<i32, Str>),
    Topics(Vec<TopicInfo>),
    Committed(Stamped<()>, Option<BTreeMap<TopicPartition, Found>>),
    Offsets(Stamped<At>, BTreeMap<TopicPartition, Found>),
    Epochs(Stamped<(i32, i32)>, BTreeMap<TopicPartition, Found>),
    Fetched(i32, Option<FetchResponse>),
    Commit(i32, Committed),
}

struct Driver {
    shared: Arc<Shared>,
    /// Answers of one kind must not wait for those of another: a join waits for the whole group, a fetch for records.
    membership: Client,
    fetching: Client,
    others: Client,
    asked: JoinSet<Done>,
    /// The coordinator of a consumer that has a group and is no member.
    coordinator: Option<i32>,
    finds_coordinator: bool,
    next_look: Instant,
    looks: bool,
}

/// Works until the consumer is closed and has left its group.
pub(super) async fn drive(shared: Arc<Shared>) {
    let client = &shared.client;
    let mut driver = Driver {
        membership: client.apart(),
        fetching: client.apart(),
        others: client.apart(),
        asked: JoinSet::new(),
        coordinator: None,
        finds_coordinator: false,
        next_look: Instant::now() + shared.options.metadata_max_age,
        looks: false,
        shared,
    };
    loop {
        let shared = Arc::clone(&driver.shared);
        // Before looking: what comes while we look is not missed.
        let woken = shared.wake.notified();
        let Some(deadline) = driver.work() else { break };
        tokio::select! {
            () = woken => {}
            Some(Ok(done)) = driver.asked.join_next() => driver.on_done(done),
            () = sleep_until(deadline) => driver.look(),
        }
    }
    driver.shared.lock().end();
    driver.shared.ready.notify_waiters();
    driver.end_sessions().await;
}

impl Driver {
    /// Brokers remember fetch sessions for a while, and only so many. On other connections: a fetch may wait for records.
    async fn end_sessions(&mut self) {
        let farewells = self.shared.lock().fetches.farewells();
        let mut asked = JoinSet::new();
        for (node, request) in farewells {
            let client = self.others.clone();
            asked
                .spawn(async move { calls::fetch(&client, node, &request, false, FAREWELL).await.is_some() });
        }
        // Who does not answer forgets by itself.
        while asked.join_next().await.is_some() {}
    }

    /// Does what can be done now. Says when to look again; `None` once there is nothing left to do, ever.
    fn work(&mut self) -> Option<Instant> {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        let now = shared.now();
        state.watch_polls(now, shared.polled.swap(false, Relaxed));
        loop {
            let mut has_done = state.go_on_revoking(now);
            if state.is_done(now) {
                return None;
            }
            state.commit_by_itself(now);
            state.expire_commit(now);
            if let Some(action) = state.member.as_mut().and_then(|member| member.poll(now)) {
                self.obey(&mut state, now, action);
                has_done = true;
            }
            has_done |= self.commit(&mut state, now);
            if let Some(ask) = state.fetches.poll(now) {
                self.ask(&mut state, now, ask);
                has_done = true;
            }
            if !has_done {
                break;
            }
        }
        let deadline = state.deadline(now).map(|at| shared.instant(at));
        drop(state);
        shared.ready.notify_waiters();
        // While it looks, the answer wakes it.
        let age = shared.options.metadata_max_age;
        let look = if self.looks { Instant::now() + age } else { self.next_look };
        Some(deadline.unwrap_or(look).min(look))
    }

    fn obey(&mut self, state: &mut State, now: Millis, action: Action) {
        match action {
            Action::FindCoordinator => self.find_coordinator(),
            Action::Ask { ticket, node, request } => self.ask_member(state, ticket, node, *request),
            Action::Count(sought) => self.count(sought),
            Action::Revoke(partitions) => state.revoke(now, partitions, true),
            Action::Lose(partitions) => state.lose(&partitions),
            Action::Assign(partitions) => state.assign(partitions),
            // The broker does not know consumer groups, or a classic group does not make way.
            Action::Fail(Failure::Unsupported) if state.fall_back() => {}
            Action::Fail(failure) => state.fail(failure),
        }
    }

    fn find_coordinator(&mut self) {
        let (client, group) = (self.others.clone(), self.shared.group.clone());
        let patience = self.shared.options.request_timeout;
        self.asked.spawn(async move {
            let group = group.unwrap_or_default();
            let found = tokio::time::timeout(patience, client.find_coordinator(&group)).await;
            Done::Coordinator(found.map_or(Err(None), |found| {
                found.map_err(|error| match error {
                    ClientError::Refused { code, .. } => Some(code),
                    _ => None,
                })
            }))
        });
    }

    fn ask_member(&mut self, state: &State, ticket: u64, node: i32, request: Request) {
        let options = &self.shared.options;
        let (client, patience) = match request {
            // The coordinator waits for the whole group.
            Request::Join(_) | Request::Sync(_) => {
                (&self.membership, options.max_poll_interval + Duration::from_secs(5))
            }
            Request::Heartbeat(_) | Request::Modern(_) => (&self.membership, options.session_timeout),
            // A join may be under way, which is answered first.
            Request::Leave(_) => (&self.others, options.request_timeout),
        };
        let (client, patience) = (client.clone(), patience.max(options.request_timeout));
        let patience = if state.is_closing() { options.request_timeout } else { patience };
        self.asked.spawn(async move {
            Done::Member(ticket, calls::ask_coordinator(&client, node, request, patience).await)
        });
    }

    /// Counts the partitions of topics, and where they are.
    fn count(&mut self, sought: Sought) {
        self.looks = true;
        let client = self.others.clone();
        let patience = self.shared.options.request_timeout;
        self.asked.spawn(async move {
            let found = async {
                match &sought {
                    Sought::Topics(names) => client.known_topics(names.iter().map(Str::to_string)).await,
                    Sought::Ids(ids) => client.topics_by_id(ids.iter().copied()).await,
                    Sought::All => client.topics().await,
                }
            };
            let found = tokio::time::timeout(patience, found).await;
            Done::Counts(sought, found.ok().and_then(Result::ok), client.racks().await)
        });
    }

    /// Looks at the topics from time to time.
    fn look(&mut self) {
        if Instant::now() < self.next_look || self.looks {
            return;
        }
        let state = self.shared.lock();
        let watched = state.member.as_ref().map(|member| member.watched());
        let sought = watched.unwrap_or_else(|| Sought::Topics(BTreeSet::new())).and(state.fetches.topics());
        drop(state);
        self.next_look = Instant::now() + self.shared.options.metadata_max_age;
        self.count(sought);
    }

    /// Commits what is demanded, if there is somebody to commit to.
    fn commit(&mut self, state: &mut State, now: Millis) -> bool {
        if !state.may_commit() {
            return false;
        }
        let Some(node) = self.coordinator_of(state) else { return false };
        let Some(marks) = state.commits.poll(now) else { return false };
        let identity = state.identity();
        if marks.is_empty() {
            let (over, _) = state.commits.on_answer(now, true, &Committed::Codes(BTreeMap::new()));
            over.iter().for_each(|result| state.on_commit_over(result));
            return true;
        }
        let (client, group) = (self.others.clone(), self.shared.group.clone().unwrap_or_default());
        let patience = self.shared.options.request_timeout;
        self.asked.spawn(async move {
            let epoch = identity.as_ref().map_or(-1, |who| who.epoch);
            Done::Commit(epoch, calls::commit(&client, node, &group, identity, &marks, patience).await)
        });
        true
    }

    fn coordinator_of(&mut self, state: &State) -> Option<i32> {
        if let Some(member) = &state.member {
            return member.coordinator();
        }
        if self.coordinator.is_none() && state.commits.is_wanted() && !self.finds_coordinator {
            self.finds_coordinator = true;
            self.find_coordinator();
        }
        self.coordinator
    }

    fn ask(&mut self, state: &mut State, now: Millis, ask: Ask) {
        let (fetching, others) = (self.fetching.clone(), self.others.clone());
        let options = &self.shared.options;
        let (patience, read_committed) = (options.request_timeout, options.read_committed);
        match ask {
            Ask::Topics(topics) => {
                self.asked.spawn(async move {
                    let names = topics.iter().map(Str::to_string);
                    let found = tokio::time::timeout(patience, others.known_topics(names)).await;
                    Done::Topics(found.ok().and_then(Result::ok).unwrap_or_default())
                });
            }
            Ask::Committed(of) => {
                let Some(node) = self.coordinator_of(state) else {
                    return state.fetches.on_committed(now, &of, None);
                };
                let (identity, group) = (state.identity(), self.shared.group.clone().unwrap_or_default());
                self.asked.spawn(async move {
                    let found =
                        calls::committed(&others, node, &group, identity, &of, read_committed, patience)
                            .await;
                    Done::Committed(of, found.ok())
                });
            }
            Ask::Offsets { node, of } => {
                self.asked.spawn(async move {
                    let now_ms = crate::producer::now_ms();
                    let found = calls::offsets(&others, node, &of, read_committed, now_ms, patience).await;
                    Done::Offsets(of, found)
                });
            }
            Ask::Epochs { node, of } => {
                self.asked.spawn(async move {
                    let found = calls::epochs(&others, node, &of, patience).await;
                    Done::Epochs(of, found)
                });
            }
            Ask::Fetch { node, request, by_name } => {
                self.asked.spawn(async move {
                    Done::Fetched(node, calls::fetch(&fetching, node, &request, by_name, patience).await)
                });
            }
        }
    }

    fn on_done(&mut self, done: Done) {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        let now = shared.now();
        match done {
            Done::Coordinator(found) => {
                self.finds_coordinator = false;
                match &mut state.member {
                    Some(member) => member.on_coordinator(now, found),
                    None => self.coordinator = found.ok(),
                }
            }
            Done::Member(ticket, answer) => {
                state.member.iter_mut().for_each(|m| m.on_answer(now, ticket, answer.clone()));
            }
            Done::Counts(asked, found, racks) => self.on_counts(&mut state, now, &asked, found, &racks),
            Done::Topics(infos) => state.fetches.on_topics(now, &infos),
            Done::Committed(of, found) => state.fetches.on_committed(now, &of, found.as_ref()),
            Done::Offsets(of, found) => state.fetches.on_offsets(now, &of, &found),
            Done::Epochs(of, found) => state.fetches.on_epochs(now, &of, &found),
            Done::Fetched(node, response) => state.fetches.on_fetched(now, node, response),
            Done::Commit(epoch, answer) => {
                let (over, standing) = state.commits.on_answer(now, epoch >= 0, &answer);
                over.iter().for_each(|result| state.on_commit_over(result));
                match (&mut state.member, standing) {
                    (Some(member), Some(code)) => member.on_commit_refused(now, epoch, code),
                    (None, Some(_)) => self.coordinator = None,
                    _ => {}
                }
            }
        }
    }

    fn on_counts(
        &mut self,
        state: &mut State,
        now: Millis,
        asked: &Sought,
        found: Option<Vec<TopicInfo>>,
        racks: &HashMap<i32, Str>,
    ) {
        self.looks = false;
        let Some(mut infos) = found else {
            // A leader waits for it.
            self.next_look = Instant::now() + MISSING_TOPIC_AGE;
            return;
        };
        let racks_of = |partition: &PartitionInfo| {
            partition.replicas.iter().filter_map(|node| racks.get(node)).cloned().collect()
        };
        let counted = |info: &TopicInfo| {
            let counted = Counted {
                id: info.id,
                partitions: i32::try_from(info.partitions.len()).unwrap_or(i32::MAX),
                racks: info.partitions.iter().filter(|_| !racks.is_empty()).map(racks_of).collect(),
                internal: info.internal,
            };
            (Str::from(info.name.as_str()), counted)
        };
        let counts: Counts = infos.iter().map(counted).collect();
        let age = self.shared.options.metadata_max_age;
        let age = if asked.misses(counts.len()) { MISSING_TOPIC_AGE.min(age) } else { age };
        self.next_look = Instant::now() + age;
        if *asked == Sought::All {
            let read = state.fetches.topics();
            infos.retain(|info| read.contains(info.name.as_str()));
        }
        state.fetches.on_topics(now, &infos);
        state.member.iter_mut().for_each(|member| member.on_counts(now, asked, &counts));
    }
}
