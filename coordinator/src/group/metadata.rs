use std::{collections::BTreeMap, sync::Arc};

use ottla_types::{Str, Uuid};
use twox_hash::XxHash3_64;

/// Begins every topic's hash, in case its recipe changes.
const TOPIC_HASH_RECIPE: u8 = 0;

/// In how many pieces topics are kept: a change copies one piece of each table, not all of them.
const PIECES: usize = 64;

/// What the coordinator knows of the cluster: the topics there are, and the settings of groups. The broker hands in a new
/// one whenever it changes; nothing of it is durable here. Cheap to clone, and to change after that.
#[derive(Debug, Clone)]
pub struct Metadata {
    /// Ascends with every change; it stands in the records of resolved regular expressions.
    pub version: i64,
    by_name: Vec<Arc<BTreeMap<Str, Arc<Topic>>>>,
    by_id: Vec<Arc<BTreeMap<Uuid, Arc<Topic>>>>,
    groups: Arc<BTreeMap<Str, GroupOverrides>>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            version: 0,
            by_name: vec![Arc::default(); PIECES],
            by_id: vec![Arc::default(); PIECES],
            groups: Arc::default(),
        }
    }
}

fn piece(key: &[u8]) -> usize {
    key.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte))) % PIECES
}

/// Settings of one group that differ from the broker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupOverrides {
    /// `consumer.session.timeout.ms`.
    pub session_timeout_ms: Option<i32>,
    /// `consumer.heartbeat.interval.ms`.
    pub heartbeat_interval_ms: Option<i32>,
    /// `consumer.assignment.interval.ms`.
    pub assignment_interval_ms: Option<i32>,
}

/// A topic as groups see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: Str,
    /// How many partitions it has.
    pub partitions: i32,
    /// Kafka's hash of all this and of the racks of its replicas.
    pub hash: i64,
}

impl Topic {
    /// `racks` has, for each partition, the racks of the brokers that hold it, those without a rack left out.
    #[must_use]
    pub fn new(name: Str, id: Uuid, racks: &[Vec<Str>]) -> Self {
        let partitions = i32::try_from(racks.len()).unwrap_or(i32::MAX);
        let mut bytes = vec![TOPIC_HASH_RECIPE];
        for half in id.0.chunks_exact(8) {
            bytes.extend(half.iter().rev());
        }
        put_text(&mut bytes, &name);
        bytes.extend(partitions.to_le_bytes());
        for (index, racks) in (0_i32..).zip(racks) {
            bytes.extend(index.to_le_bytes());
            let mut racks: Vec<&Str> = racks.iter().collect();
            racks.sort();
            for rack in racks {
                bytes.extend(utf16_length(rack).to_le_bytes());
                put_text(&mut bytes, rack);
            }
        }
        Self { id, name, partitions, hash: xxh3(&bytes) }
    }
}

impl Metadata {
    /// These topics and group settings, as of `version`.
    pub fn new(
        version: i64,
        topics: impl IntoIterator<Item = Arc<Topic>>,
        groups: Arc<BTreeMap<Str, GroupOverrides>>,
    ) -> Self {
        let mut metadata = Self { version, groups, ..Self::default() };
        topics.into_iter().for_each(|topic| metadata.put_topic(topic));
        metadata
    }

    /// A topic has come, or is like this now.
    pub fn put_topic(&mut self, topic: Arc<Topic>) {
        let named = Arc::make_mut(&mut self.by_name[piece(topic.name.as_bytes())]);
        named.insert(topic.name.clone(), Arc::clone(&topic));
        Arc::make_mut(&mut self.by_id[piece(&topic.id.0)]).insert(topic.id, topic);
    }

    /// A topic is gone. One of its name that has come since stays.
    pub fn remove_topic(&mut self, id: Uuid) {
        let Some(topic) = Arc::make_mut(&mut self.by_id[piece(&id.0)]).remove(&id) else { return };
        let named = Arc::make_mut(&mut self.by_name[piece(topic.name.as_bytes())]);
        if named.get(&topic.name).is_some_and(|known| known.id == id) {
            named.remove(&topic.name);
        }
    }

    /// Groups have these settings of their own, and no others.
    pub fn set_overrides(&mut self, groups: BTreeMap<Str, GroupOverrides>) {
        self.groups = Arc::new(groups);
    }

    /// The topic of this name.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.by_name[piece(name.as_bytes())].get(name).map(Arc::as_ref)
    }

    /// The topic with this id.
    #[must_use]
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Topic> {
        self.by_id[piece(&id.0)].get(&id).map(Arc::as_ref)
    }

    /// All topics, in no particular order.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.by_name.iter().flat_map(|topics| topics.values()).map(Arc::as_ref)
    }

    /// What differs from the broker's settings for a group.
    #[must_use]
    pub fn overrides(&self, group_id: &str) -> GroupOverrides {
        self.groups.get(group_id).copied().unwrap_or_default()
    }

    /// Whether there is a topic here that `before` did not know.
    pub(super) fn has_new_topics(&self, before: &Self) -> bool {
        let pieces = self.by_id.iter().zip(&before.by_id);
        let changed = pieces.filter(|(now, then)| !Arc::ptr_eq(now, then));
        changed.into_iter().any(|(now, then)| now.keys().any(|id| !then.contains_key(id)))
    }

    /// Kafka's hash over the topics of these names that exist, in the order given; 0 without any.
    pub fn hash_of<'a>(&self, names: impl IntoIterator<Item = &'a Str>) -> i64 {
        let mut bytes = Vec::new();
        for topic in names.into_iter().filter_map(|name| self.topic(name)) {
            bytes.extend(topic.hash.to_le_bytes());
        }
        if bytes.is_empty() { 0 } else { xxh3(&bytes) }
    }
}

/// Java's characters, and how many they were.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend(utf16_length(text).to_le_bytes());
}

fn utf16_length(text: &str) -> i32 {
    i32::try_from(text.encode_utf16().count()).unwrap_or(i32::MAX)
}

fn xxh3(bytes: &[u8]) -> i64 {
    i64::from_ne_bytes(XxHash3_64::oneshot(bytes).to_ne_bytes())
}
