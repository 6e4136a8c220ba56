use super::shards::Shards;
use crate::names::unified;
use ottla_types::{Str, Uuid};
use ottla_wire::log_records::metadata::{
    partition_change_record::PartitionChangeRecord, partition_record::PartitionRecord,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// `leader` of a partition without one.
pub const NO_LEADER: i32 = -1;
/// `leader` of a change record that leaves the leader, and so the leader epoch, as it is.
pub const NO_LEADER_CHANGE: i32 = -2;

/// Whether the leader is known to have everything that was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeaderRecoveryState {
    /// Elected from the ISR or the eligible leader replicas.
    #[default]
    Recovered,
    /// Elected uncleanly and not yet through with its recovery.
    Recovering,
}

impl LeaderRecoveryState {
    /// The value in records: 0 or 1.
    #[must_use]
    pub const fn value(self) -> i8 {
        match self {
            Self::Recovered => 0,
            Self::Recovering => 1,
        }
    }

    const fn from_value(value: i8) -> Self {
        if value == 1 { Self::Recovering } else { Self::Recovered }
    }
}

/// One partition as the controller decided it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partition {
    /// Broker ids, the preferred leader first.
    pub replicas: Vec<i32>,
    /// For each replica its log directory's id (0…0 migrating, 0…1 unassigned, 0…2 lost).
    pub directories: Vec<Uuid>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// Replicas a reassignment will remove.
    pub removing_replicas: Vec<i32>,
    /// Replicas a reassignment adds.
    pub adding_replicas: Vec<i32>,
    /// Eligible leader replicas (KIP-966): complete, but not in sync.
    pub elr: Vec<i32>,
    /// Members of the ELR that had an unclean shutdown, or the last leader.
    pub last_known_elr: Vec<i32>,
    /// Broker id of the leader, or [`NO_LEADER`].
    pub leader: i32,
    /// Whether the leader still recovers from an unclean election.
    pub leader_recovery_state: LeaderRecoveryState,
    /// Grows with every leader change.
    pub leader_epoch: i32,
    /// Grows with every change.
    pub partition_epoch: i32,
}

impl Partition {
    /// Whether a reassignment runs.
    #[must_use]
    pub fn is_reassigning(&self) -> bool {
        !self.adding_replicas.is_empty() || !self.removing_replicas.is_empty()
    }

    /// The preferred leader: the first replica.
    #[must_use]
    pub fn preferred_leader(&self) -> i32 {
        self.replicas.first().copied().unwrap_or(NO_LEADER)
    }

    /// The id of the directory in which `broker` keeps its replica.
    #[must_use]
    pub fn directory(&self, broker: i32) -> Option<Uuid> {
        let at = self.replicas.iter().position(|replica| *replica == broker)?;
        self.directories.get(at).copied()
    }

    pub(crate) fn from_record(record: &PartitionRecord) -> Self {
        let mut directories = record.directories.clone();
        directories.resize(record.replicas.len(), Uuid::ZERO);
        Self {
            replicas: record.replicas.clone(),
            directories,
            isr: record.isr.clone(),
            removing_replicas: record.removing_replicas.clone(),
            adding_replicas: record.adding_replicas.clone(),
            elr: record.eligible_leader_replicas.clone().unwrap_or_default(),
            last_known_elr: record.last_known_elr.clone().unwrap_or_default(),
            leader: record.leader,
            leader_recovery_state: LeaderRecoveryState::from_value(record.leader_recovery_state),
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
        }
    }

    pub(crate) fn to_record(&self, topic_id: Uuid, partition_id: i32) -> PartitionRecord {
        let some_if_any = |ids: &Vec<i32>| (!ids.is_empty()).then(|| ids.clone());
        PartitionRecord {
            partition_id,
            topic_id,
            replicas: self.replicas.clone(),
            isr: self.isr.clone(),
            removing_replicas: self.removing_replicas.clone(),
            adding_replicas: self.adding_replicas.clone(),
            leader: self.leader,
            leader_recovery_state: self.leader_recovery_state.value(),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: self.directories.clone(),
            eligible_leader_replicas: some_if_any(&self.elr),
            last_known_elr: some_if_any(&self.last_known_elr),
        }
    }

    pub(crate) fn change(&mut self, record: &PartitionChangeRecord) {
        let set = |target: &mut Vec<i32>, change: &Option<Vec<i32>>| {
            if let Some(ids) = change {
                target.clone_from(ids);
            }
        };
        set(&mut self.replicas, &record.replicas);
        set(&mut self.isr, &record.isr);
        set(&mut self.removing_replicas, &record.removing_replicas);
        set(&mut self.adding_replicas, &record.adding_replicas);
        set(&mut self.elr, &record.eligible_leader_replicas);
        set(&mut self.last_known_elr, &record.last_known_elr);
        if let Some(directories) = &record.directories {
            self.directories.clone_from(directories);
        }
        self.directories.resize(self.replicas.len(), Uuid::ZERO);
        if record.leader_recovery_state >= 0 {
            self.leader_recovery_state = LeaderRecoveryState::from_value(record.leader_recovery_state);
        }
        if record.leader != NO_LEADER_CHANGE {
            self.leader = record.leader;
            self.leader_epoch = self.leader_epoch.wrapping_add(1);
        }
        // Wrapping, as Kafka's: a record with the largest epoch, however it came there, must not end the process.
        self.partition_epoch = self.partition_epoch.wrapping_add(1);
    }
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: Str,
    /// Its id; a topic deleted and created again has another.
    pub id: Uuid,
    /// Its partitions by number.
    pub partitions: BTreeMap<i32, Arc<Partition>>,
}

impl Topic {
    /// The number of replicas of the first partition: what Kafka calls the topic's replication factor.
    #[must_use]
    pub fn replication_factor(&self) -> i16 {
        let replicas = self.partitions.values().next().map_or(0, |partition| partition.replicas.len());
        i16::try_from(replicas).unwrap_or(i16::MAX)
    }
}

/// All topics, by name and by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Topics {
    by_name: Shards<Str, Uuid>,
    by_id: Shards<Uuid, Arc<Topic>>,
    /// Names with `.` or `_`, under what they become in metric names.
    by_unified_name: Shards<Str, BTreeSet<Str>>,
    partitions: usize,
}

impl Topics {
    /// The topic of this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<Topic>> {
        self.by_id.get(self.by_name.get(&Str::from(name))?)
    }

    /// The topic with this id.
    #[must_use]
    pub fn by_id(&self, id: Uuid) -> Option<&Arc<Topic>> {
        self.by_id.get(&id)
    }

    /// One partition of the topic with this id.
    #[must_use]
    pub fn partition(&self, id: Uuid, partition: i32) -> Option<&Arc<Partition>> {
        self.by_id.get(&id)?.partitions.get(&partition)
    }

    /// A topic whose name becomes the same as `name` once `.` is replaced by `_`, as metric names do. May be `name`.
    #[must_use]
    pub fn colliding(&self, name: &str) -> Option<&Str> {
        self.by_unified_name.get(&unified(name)?)?.first()
    }

    /// Every topic, in no order to rely on.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.by_id.iter().map(|(_, topic)| topic)
    }

    /// How many topics there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is no topic.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many partitions all topics have together.
    #[must_use]
    pub const fn partition_count(&self) -> usize {
        self.partitions
    }

    pub(crate) fn insert(&mut self, name: Str, id: Uuid) {
        self.remove(id);
        self.by_name.insert(name.clone(), id);
        if let Some(unified) = unified(&name) {
            let mut names = self.by_unified_name.get(&unified).cloned().unwrap_or_default();
            names.insert(name.clone());
            self.by_unified_name.insert(unified, names);
        }
        self.by_id.insert(id, Arc::new(Topic { name, id, partitions: BTreeMap::new() }));
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> Option<Arc<Topic>> {
        let topic = self.by_id.remove(&id)?;
        // The name may already belong to a younger topic.
        if self.by_name.get(&topic.name) == Some(&id) {
            self.by_name.remove(&topic.name);
            self.forget_unified(&topic.name);
        }
        self.partitions -= topic.partitions.len();
        Some(topic)
    }

    fn forget_unified(&mut self, name: &Str) {
        let Some(unified) = unified(name) else { return };
        let Some(names) = self.by_unified_name.get_mut(&unified) else { return };
        names.remove(name);
        if names.is_empty() {
            self.by_unified_name.remove(&unified);
        }
    }

    /// Applies `edit` to a topic; `None` when the id is unknown.
    pub(crate) fn edit<T>(&mut self, id: Uuid, edit: impl FnOnce(&mut Topic) -> T) -> Option<T> {
        let topic = Arc::make_mut(self.by_id.get_mut(&id)?);
        let before = topic.partitions.len();
        let result = edit(topic);
        self.partitions = self.partitions + topic.partitions.len() - before;
        Some(result)
    }

    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.by_id.iter().map(|(id, _)| *id).collect()
    }
}
