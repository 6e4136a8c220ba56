use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use ottla_coordinator::partition_for;
use ottla_types::{ErrorCode, Millis, Str};
use parking_lot::RwLock;

use super::{
    desk::{Desk, Refusal},
    journal::{Journal, Journaled},
};

/// Answers by the keys they are about.
pub(crate) type ByKeys<R> = Vec<(Vec<Str>, Result<R, ErrorCode>)>;

/// How long to wait for a coordinator that is loading before telling it again.
const LOADING_PAUSE: Duration = Duration::from_millis(100);

/// The coordinators this broker runs: one desk for every partition of their topic it leads.
///
/// Whoever follows the metadata says which those are; handlers ask by key, a group or a transactional id.
pub(crate) struct Desks<M: Journaled, J: Journal> {
    clock: fn() -> Millis,
    /// How long the log may take to commit what was asked.
    commit_timeout: Duration,
    /// What every machine is made with.
    pub(super) context: Arc<M::Context>,
    /// How many partitions the topic has; 0 while there is no such topic.
    partition_count: AtomicI32,
    desks: RwLock<BTreeMap<i32, Arc<Desk<M, J>>>>,
}

impl<M: Journaled, J: Journal> Desks<M, J> {
    /// Without any partition. `clock` must not jump: it drives timeouts, and stands in timestamps.
    pub(super) fn around(context: M::Context, commit_timeout: Duration, clock: fn() -> Millis) -> Self {
        let (partition_count, desks) = (AtomicI32::new(0), RwLock::default());
        Self { clock, commit_timeout, context: Arc::new(context), partition_count, desks }
    }

    /// The topic has this many partitions now.
    pub(crate) fn set_partition_count(&self, count: i32) {
        self.partition_count.store(count, Ordering::Release);
    }

    /// This broker leads the partition: its machine is loaded and served. Needs a running tokio runtime.
    pub(crate) fn lead(&self, partition: i32, journal: Arc<J>) -> Arc<Desk<M, J>> {
        let context = Arc::clone(&self.context);
        let desk = Desk::new(journal, self.clock, move || M::fresh(&context));
        if let Some(before) = self.desks.write().insert(partition, Arc::clone(&desk)) {
            before.close();
        }
        let task = Arc::clone(&desk);
        tokio::spawn(async move { task.run().await });
        desk
    }

    /// This broker no longer leads the partition.
    pub(crate) fn resign(&self, partition: i32) {
        if let Some(desk) = self.desks.write().remove(&partition) {
            desk.close();
        }
    }

    /// The partitions led here.
    pub(crate) fn led(&self) -> Vec<i32> {
        self.desks.read().keys().copied().collect()
    }

    /// The broker is about to stop: those who wait for others are sent away, so that their connections can end.
    pub(crate) fn retire(&self) {
        self.all().iter().for_each(|desk| desk.retire());
    }

    /// Stops them all.
    pub(crate) fn close(&self) {
        for partition in self.led() {
            self.resign(partition);
        }
    }

    /// The partition that keeps a key; `None` while the topic does not exist.
    pub(crate) fn partition_of(&self, key: &str) -> Option<i32> {
        let count = self.partition_count.load(Ordering::Acquire);
        (count > 0).then(|| partition_for(key, count))
    }

    /// The desk of a partition.
    pub(crate) fn at(&self, partition: Option<i32>) -> Option<Arc<Desk<M, J>>> {
        self.desks.read().get(&partition?).cloned()
    }

    /// Every desk, by partition.
    pub(crate) fn all(&self) -> Vec<Arc<Desk<M, J>>> {
        self.desks.read().values().cloned().collect()
    }

    /// Asks the coordinator of a key.
    pub(crate) async fn ask(&self, key: &str, command: M::Command) -> Result<M::Reply, ErrorCode> {
        self.ask_if(self.partition_of(key), command, |_| Ok(())).await
    }

    /// Asks the coordinator of a partition, if its log allows it.
    pub(crate) async fn ask_if(
        &self,
        partition: Option<i32>,
        command: M::Command,
        allowed: impl FnOnce(&J) -> Result<(), ErrorCode>,
    ) -> Result<M::Reply, ErrorCode> {
        let desk = self.at(partition).ok_or(ErrorCode::NOT_COORDINATOR)?;
        if M::waits_for_others(&command) {
            return desk.submit_if(command, allowed).await.map_err(Refusal::code);
        }
        match tokio::time::timeout(self.commit_timeout, desk.submit_if(command, allowed)).await {
            Ok(answer) => answer.map_err(Refusal::code),
            Err(_) => Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
        }
    }

    /// Asks the coordinators of many keys, each once about all of its keys.
    pub(crate) async fn ask_each(
        &self,
        keys: Vec<Str>,
        command: fn(Vec<Str>) -> M::Command,
    ) -> ByKeys<M::Reply> {
        let mut by_partition: BTreeMap<Option<i32>, Vec<Str>> = BTreeMap::new();
        for key in keys {
            by_partition.entry(self.partition_of(&key)).or_default().push(key);
        }
        let mut answers = Vec::with_capacity(by_partition.len());
        for (partition, keys) in by_partition {
            let answer = match self.at(partition) {
                Some(desk) => desk.submit(command(keys.clone())).await.map_err(Refusal::code),
                None => Err(ErrorCode::NOT_COORDINATOR),
            };
            answers.push((keys, answer));
        }
        answers
    }

    /// Asks every coordinator run here. One that has just gone elsewhere is left out: it is asked there.
    pub(crate) async fn ask_all(&self, command: M::Command) -> Result<Vec<M::Reply>, ErrorCode>
    where
        M::Command: Clone,
    {
        let mut replies = Vec::new();
        for desk in self.all() {
            match desk.submit(command.clone()).await {
                Ok(reply) => replies.push(reply),
                Err(Refusal::NotCoordinator) => {}
                Err(refusal) => return Err(refusal.code()),
            }
        }
        Ok(replies)
    }

    /// Looks at every loaded coordinator, for metrics.
    pub(crate) fn survey(&self, mut look: impl FnMut(&M)) {
        for desk in self.all() {
            desk.peek(&mut look);
        }
    }

    /// Tells every coordinator run here what `command` makes of the context. Those that are loading learn it later, as it
    /// is then: of two changes the later one holds, whichever gets through first.
    pub(super) fn tell_all(&self, command: fn(&M::Context) -> M::Command) {
        let mut desks = self.all();
        desks.retain(|desk| desk.tell(command(&self.context)) == Err(Refusal::Loading));
        if !desks.is_empty() {
            let context = Arc::clone(&self.context);
            tokio::spawn(tell(desks, move || command(&context)));
        }
    }
}

/// Tells every coordinator, those that are loading once they are done.
pub(super) async fn tell<M: Journaled, J: Journal>(
    desks: Vec<Arc<Desk<M, J>>>,
    command: impl Fn() -> M::Command + Send + Sync,
) {
    for desk in desks {
        while matches!(desk.submit(command()).await, Err(Refusal::Loading)) {
            tokio::time::sleep(LOADING_PAUSE).await;
        }
    }
}
