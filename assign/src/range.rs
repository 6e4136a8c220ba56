use std::collections::BTreeMap;

use ottla_types::Uuid;

use crate::{Partitions, Subscriber};

/// What of a topic is still to be given out.
struct Remaining {
    /// The first partition nobody has.
    next: i32,
    /// What every member gets.
    quota: i32,
    /// How many members get one more.
    extra: i32,
    partitions: i32,
}

impl Remaining {
    fn take(&mut self) -> std::ops::Range<i32> {
        let wanted = self.quota + i32::from(self.extra > 0);
        self.extra = (self.extra - 1).max(0);
        let part = self.next..(self.next + wanted).min(self.partitions);
        self.next = part.end;
        part
    }
}

/// Every topic for itself: members in order, the first ones get one more where it does not come out even.
pub(crate) fn assign(members: &[Subscriber], partition_counts: &BTreeMap<Uuid, i32>) -> Vec<Partitions> {
    let mut remaining = topics(members, partition_counts);
    let mut parts = vec![Partitions::new(); members.len()];
    for at in in_order(members) {
        for topic in &members[at].topics {
            let Some(topic_remaining) = remaining.get_mut(topic) else { continue };
            let part = topic_remaining.take();
            if !part.is_empty() {
                parts[at].insert(*topic, part.collect());
            }
        }
    }
    parts
}

fn topics(members: &[Subscriber], partition_counts: &BTreeMap<Uuid, i32>) -> BTreeMap<Uuid, Remaining> {
    let mut subscribers: BTreeMap<Uuid, i32> = BTreeMap::new();
    for topic in members.iter().flat_map(|member| &member.topics) {
        *subscribers.entry(*topic).or_default() += 1;
    }
    let whole = |(topic, subscribers): (Uuid, i32)| {
        let partitions = partition_counts.get(&topic).copied().unwrap_or(0);
        let (quota, extra) = (partitions / subscribers, partitions % subscribers);
        (topic, Remaining { next: 0, quota, extra, partitions })
    };
    subscribers.into_iter().map(whole).collect()
}

/// Static members come first, by instance id, so that a restart under another member id changes nothing.
fn in_order(members: &[Subscriber]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|at| {
        let member = &members[*at];
        (member.instance_id.is_none(), member.instance_id.as_ref().unwrap_or(&member.member_id))
    });
    order
}
