//! All partitions this broker holds.

use std::{collections::HashMap, sync::Arc};

use ottla_types::{Str, Uuid};
use parking_lot::RwLock;

use super::Partition;

#[derive(Debug, Default)]
struct Topics {
    by_id: HashMap<Uuid, HashMap<i32, Arc<Partition>>>,
    ids: HashMap<Str, Uuid>,
}

/// The partitions by topic id, and by name.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    topics: RwLock<Topics>,
}

impl Partitions {
    pub(crate) fn by_id(&self, topic_id: Uuid, index: i32) -> Option<Arc<Partition>> {
        self.topics.read().by_id.get(&topic_id)?.get(&index).cloned()
    }

    pub(crate) fn by_name(&self, topic: &str, index: i32) -> Option<Arc<Partition>> {
        let topics = self.topics.read();
        let id = topics.ids.get(topic)?;
        topics.by_id.get(id)?.get(&index).cloned()
    }

    pub(crate) fn insert(&self, partition: Arc<Partition>) {
        let mut topics = self.topics.write();
        topics.ids.insert(partition.topic().clone(), partition.topic_id());
        topics.by_id.entry(partition.topic_id()).or_default().insert(partition.index(), partition);
    }

    /// Takes a topic's partitions out.
    pub(crate) fn remove_topic(&self, topic_id: Uuid) -> Vec<Arc<Partition>> {
        let mut topics = self.topics.write();
        let removed: Vec<_> = topics.by_id.remove(&topic_id).into_iter().flatten().map(|(_, p)| p).collect();
        topics.ids.retain(|_, id| *id != topic_id);
        removed
    }

    pub(crate) fn of_topic(&self, topic_id: Uuid) -> Vec<Arc<Partition>> {
        self.topics.read().by_id.get(&topic_id).into_iter().flat_map(HashMap::values).cloned().collect()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Partition>> {
        self.topics.read().by_id.values().flat_map(HashMap::values).cloned().collect()
    }
}
