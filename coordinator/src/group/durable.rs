//! The state a restart brings back: a pure function of the log.
//!
//! It only depends on the last record of every key (and on the order of records of open transactions), so replaying a
//! compacted log gives the same. In particular a group exists exactly when its own record or one of its offsets does.

use super::consumer::{ConsumerGroup, ConsumerRecord};
use super::record::{OffsetKey, PersistedGroup, Record, StoredOffset};
use ottla_mutant::mutant;
use ottla_types::Str;
use std::collections::{BTreeMap, BTreeSet};

/// Offsets of one group, by topic and partition.
pub(super) type GroupOffsets = BTreeMap<Str, BTreeMap<i32, StoredOffset>>;

/// Everything the log says.
#[derive(Debug, Clone, Default)]
pub struct Durable {
    groups: BTreeMap<Str, PersistedGroup>,
    consumers: BTreeMap<Str, ConsumerGroup>,
    offsets: BTreeMap<Str, GroupOffsets>,
    /// Offsets of open transactions, oldest first. Whatever commits a key later in the log wins over earlier
    /// entries (KAFKA-14505), so those are dropped at once.
    pending: BTreeMap<OffsetKey, Vec<(i64, StoredOffset)>>,
    unknown_records: u64,
}

impl PartialEq for Durable {
    /// How many unknown records were skipped is not state: compaction changes it.
    fn eq(&self, other: &Self) -> bool {
        self.groups == other.groups
            && self.consumers == other.consumers
            && self.offsets == other.offsets
            && self.pending == other.pending
    }
}

impl Durable {
    pub(super) fn apply(&mut self, record: &Record) {
        match record {
            Record::Group { group_id, value: Some(value) } => {
                self.groups.insert(group_id.clone(), value.clone());
            }
            Record::Group { group_id, value: None } => {
                self.groups.remove(group_id);
            }
            Record::Consumer { group_id, record } => self.apply_consumer(group_id, record),
            Record::Offset { key, value: Some(value), producer_id: None } => {
                self.pending.remove(key);
                self.commit(key, value.clone());
            }
            Record::Offset { key, value: Some(value), producer_id: Some(producer_id) } => {
                if mutant!("pending_offsets_visible") {
                    self.commit(key, value.clone());
                }
                let pending = self.pending.entry(key.clone()).or_default();
                pending.retain(|(producer, _)| producer != producer_id);
                pending.push((*producer_id, value.clone()));
            }
            Record::Offset { key, value: None, .. } => {
                self.pending.remove(key);
                self.forget(key);
            }
            Record::TransactionEnd { producer_id, committed } => {
                self.end_transaction(*producer_id, *committed)
            }
            Record::Unknown { .. } => self.unknown_records += 1,
        }
    }

    fn apply_consumer(&mut self, group_id: &Str, record: &ConsumerRecord) {
        let group = self
            .consumers
            .entry(group_id.clone())
            .or_insert_with_key(|group_id| ConsumerGroup::new(group_id.clone()));
        group.apply(record);
        if group.is_gone() {
            self.consumers.remove(group_id);
        }
    }

    fn commit(&mut self, key: &OffsetKey, value: StoredOffset) {
        let topics = self.offsets.entry(key.group_id.clone()).or_default();
        topics.entry(key.topic.clone()).or_default().insert(key.partition, value);
    }

    fn forget(&mut self, key: &OffsetKey) {
        let Some(topics) = self.offsets.get_mut(&key.group_id) else { return };
        let Some(partitions) = topics.get_mut(&key.topic) else { return };
        partitions.remove(&key.partition);
        if partitions.is_empty() {
            topics.remove(&key.topic);
        }
        if topics.is_empty() {
            self.offsets.remove(&key.group_id);
        }
    }

    fn end_transaction(&mut self, producer_id: i64, committed: bool) {
        let mut materialized = Vec::new();
        self.pending.retain(|key, entries| {
            if let Some(at) = entries.iter().position(|(producer, _)| *producer == producer_id) {
                if committed || mutant!("aborted_offsets_kept") {
                    // Entries before this one lost to it, whatever becomes of their transactions.
                    let value = entries.drain(..=at).next_back().map(|(_, value)| value);
                    materialized.extend(value.map(|value| (key.clone(), value)));
                } else {
                    entries.remove(at);
                }
            }
            !entries.is_empty()
        });
        for (key, value) in materialized {
            self.commit(&key, value);
        }
    }

    /// The group's own record.
    #[must_use]
    pub fn group(&self, group_id: &str) -> Option<&PersistedGroup> {
        self.groups.get(group_id)
    }

    /// The consumer group of this id.
    #[must_use]
    pub fn consumer_group(&self, group_id: &str) -> Option<&ConsumerGroup> {
        self.consumers.get(group_id)
    }

    /// All consumer groups.
    pub fn consumer_groups(&self) -> impl Iterator<Item = &ConsumerGroup> {
        self.consumers.values()
    }

    /// The offset committed for a partition.
    #[must_use]
    pub fn offset(&self, group_id: &str, topic: &str, partition: i32) -> Option<&StoredOffset> {
        self.offsets.get(group_id)?.get(topic)?.get(&partition)
    }

    pub(super) fn offsets_of(&self, group_id: &str) -> Option<&GroupOffsets> {
        self.offsets.get(group_id)
    }

    /// Every committed offset: group, topic, partition, offset. For lag metrics.
    pub fn offsets(&self) -> impl Iterator<Item = (&Str, &Str, i32, &StoredOffset)> {
        self.offsets.iter().flat_map(|(group, topics)| {
            topics.iter().flat_map(move |(topic, partitions)| {
                partitions.iter().map(move |(partition, stored)| (group, topic, *partition, stored))
            })
        })
    }

    pub(super) fn has_pending(&self, key: &OffsetKey) -> bool {
        self.pending.contains_key(key)
    }

    /// As [`has_pending`](Self::has_pending), without a key in hand; nearly always there are no transactions at all.
    pub(super) fn has_pending_at(&self, group_id: &Str, topic: &Str, partition: i32) -> bool {
        let key = || OffsetKey { group_id: group_id.clone(), topic: topic.clone(), partition };
        !self.pending.is_empty() && self.has_pending(&key())
    }

    pub(super) fn pending_of<'a>(&'a self, group_id: &'a Str) -> impl Iterator<Item = &'a OffsetKey> {
        let from = OffsetKey { group_id: group_id.clone(), topic: Str::new(), partition: i32::MIN };
        self.pending.range(from..).map(|(key, _)| key).take_while(move |key| key.group_id == *group_id)
    }

    /// Every classic group there is: with a record, or only with offsets.
    pub(super) fn classic_group_ids(&self) -> BTreeSet<Str> {
        self.groups
            .keys()
            .chain(self.offsets.keys())
            .chain(self.pending.keys().map(|key| &key.group_id))
            .filter(|group_id| !self.consumers.contains_key(*group_id))
            .cloned()
            .collect()
    }

    /// The keys committed or pending in any of `topics`.
    pub(super) fn keys_in_topics(&self, topics: &[Str]) -> BTreeSet<OffsetKey> {
        let committed = self.offsets().filter(|(_, topic, ..)| topics.contains(topic)).map(
            |(group, topic, partition, _)| OffsetKey {
                group_id: group.clone(),
                topic: topic.clone(),
                partition,
            },
        );
        let pending = self.pending.keys().filter(|key| topics.contains(&key.topic)).cloned();
        committed.chain(pending).collect()
    }

    /// How many records of other group types or later versions were skipped.
    #[must_use]
    pub fn unknown_records(&self) -> u64 {
        self.unknown_records
    }
}
