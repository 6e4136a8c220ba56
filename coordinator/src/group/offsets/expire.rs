//! Expiry by KIP-211: offsets nobody uses go after the retention time, groups with nothing left go with them.

use super::super::{
    Groups,
    classic::ClassicGroup,
    durable::GroupOffsets,
    record::{OffsetKey, Record, StoredOffset},
};
use crate::Effects;
use ottla_types::{Millis, Str};

/// What one tombstone takes in the log besides its strings, generously.
const TOMBSTONE_BYTES: usize = 64;

impl Groups {
    /// Deletes what has expired. When that is more than one batch holds, the rest follows at once.
    pub(in crate::group) fn sweep(&mut self, now: Millis, effects: &mut Effects<Self>) {
        let mut room = self.settings.max_batch_bytes / 2;
        let mut next = now.plus(self.settings.retention_check_interval_ms.max(1));
        'groups: for group in self.live.values() {
            for record in self.expired_of(group, now) {
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

    fn expired_of(&self, group: &ClassicGroup, now: Millis) -> Vec<Record> {
        let none = GroupOffsets::new();
        let topics = self.durable.offsets_of(&group.id).unwrap_or(&none);
        let mut all = self.durable.pending_of(&group.id).next().is_none();
        let mut expired = Vec::new();
        for (topic, partition, stored) in flat(topics) {
            let key = OffsetKey { group_id: group.id.clone(), topic: topic.clone(), partition };
            if self.is_expired(group, topic, stored, now) && !self.durable.has_pending(&key) {
                expired.push(Record::forget(key));
            } else {
                all = false;
            }
        }
        // A group with an id given out and not yet used is about to have members.
        if all && group.is_empty() && !group.expects_members() {
            expired.push(Record::Group { group_id: group.id.clone(), value: None });
        }
        expired
    }

    fn is_expired(&self, group: &ClassicGroup, topic: &str, stored: &StoredOffset, now: Millis) -> bool {
        if group.is_subscribed_to(topic) {
            return false;
        }
        let since = if group.protocol_type.is_none() {
            // A simple group: every offset for itself.
            Some(stored.commit_timestamp)
        } else if group.is_empty() {
            // Since the group has been empty; an offset committed later than that counts from then.
            Some(
                group
                    .state_since
                    .map_or(stored.commit_timestamp, |since| since.0.max(stored.commit_timestamp)),
            )
        } else {
            // Topics no longer subscribed to, as long as the coordinator can tell.
            (group.is_stable() && group.knows_subscriptions()).then_some(stored.commit_timestamp)
        };
        let Some(since) = since else { return false };
        if stored.expire_timestamp != -1 {
            return now.0 >= stored.expire_timestamp;
        }
        now.since(Millis(since)) >= self.settings.offsets_retention_ms
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
        Record::Group { group_id, .. } => group_id.len(),
        Record::TransactionEnd { .. } | Record::Unknown { .. } => 0,
    };
    strings + TOMBSTONE_BYTES
}
