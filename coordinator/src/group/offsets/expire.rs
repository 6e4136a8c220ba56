//! Expiry by KIP-211: offsets nobody uses go after the retention time, groups with nothing left go with them.

use super::super::{
    Groups,
    classic::ClassicGroup,
    durable::GroupOffsets,
    record::{OffsetKey, Record, StoredOffset},
};
use super::readers::Readers;
use crate::Effects;
use ottla_types::{Millis, Str};

/// What one tombstone takes in the log besides its strings, generously.
const TOMBSTONE_BYTES: usize = 64;

impl Groups {
    /// Deletes what has expired. When that is more than one batch holds, the rest follows at once.
    pub(in crate::group) fn sweep(&mut self, now: Millis, effects: &mut Effects<Self>) {
        let mut room = self.settings.max_batch_bytes / 2;
        let mut next = now.plus(self.settings.retention_check_interval_ms.max(1));
        let consumers = self.durable.consumer_groups().map(|group| &group.id);
        'groups: for group_id in self.live.keys().chain(consumers) {
            for record in self.expired_of(group_id, now) {
                let Some(left) = room.checked_sub(tombstone_bytes(&record)) else {
                    next = now;
                    break 'groups;
                };
                room = left;
                effects.records.push(record);
            }
        }
        self.next_sweep = Some(next);
    }

    fn expired_of(&self, group_id: &Str, now: Millis) -> Vec<Record> {
        let Some(group) = self.readers(group_id) else { return Vec::new() };
        let none = GroupOffsets::new();
        let topics = self.durable.offsets_of(group_id).unwrap_or(&none);
        let mut all = self.durable.pending_of(group_id).next().is_none();
        let mut expired = Vec::new();
        for (topic, partition, stored) in flat(topics) {
            let key = OffsetKey { group_id: group_id.clone(), topic: topic.clone(), partition };
            if self.is_expired(&group, topic, stored, now) && !self.durable.has_pending(&key) {
                expired.push(Record::forget(key));
            } else {
                all = false;
            }
        }
        match group {
            // A group with an id given out and not yet used is about to have members.
            Readers::Classic(group) if all && group.is_empty() && !group.expects_members() => {
                expired.push(Record::Group { group_id: group_id.clone(), value: None });
            }
            Readers::Consumer(group, _) if all && group.is_empty() => {
                expired.extend(self.consumer_obituary(group_id));
            }
            Readers::Classic(_) | Readers::Consumer(..) => {}
        }
        expired
    }

    fn is_expired(&self, group: &Readers<'_>, topic: &str, stored: &StoredOffset, now: Millis) -> bool {
        if group.is_subscribed_to(topic) {
            return false;
        }
        let since = match group {
            Readers::Classic(group) => unused_since(group, stored),
            Readers::Consumer(..) => Some(stored.commit_timestamp),
        };
        let Some(since) = since else { return false };
        if stored.expire_timestamp != -1 {
            return now.0 >= stored.expire_timestamp;
        }
        now.since(Millis(since)) >= self.settings.offsets_retention_ms
    }
}

/// Since when an offset of a topic the group does not read counts as unused; `None` while that cannot be said.
fn unused_since(group: &ClassicGroup, stored: &StoredOffset) -> Option<i64> {
    if group.protocol_type.is_none() {
        // A simple group: every offset for itself.
        Some(stored.commit_timestamp)
    } else if group.is_empty() {
        // Since the group has been empty; an offset committed later than that counts from then.
        let since = group.state_since;
        Some(since.map_or(stored.commit_timestamp, |since| since.0.max(stored.commit_timestamp)))
    } else {
        // Topics no longer subscribed to, as long as the coordinator can tell.
        (group.is_stable() && group.knows_subscriptions()).then_some(stored.commit_timestamp)
    }
}

fn flat(topics: &GroupOffsets) -> impl Iterator<Item = (&Str, i32, &StoredOffset)> {
    topics.iter().flat_map(|(topic, partitions)| {
        partitions.iter().map(move |(partition, stored)| (topic, *partition, stored))
    })
}

fn tombstone_bytes(record: &Record) -> usize {
    let strings = match record {
        Record::Offset { key, .. } => key.group_id.len() + key.topic.len(),
        Record::Group { group_id, .. } | Record::Consumer { group_id, .. } => group_id.len(),
        Record::TransactionEnd { .. } | Record::Unknown { .. } => 0,
    };
    strings + TOMBSTONE_BYTES
}
