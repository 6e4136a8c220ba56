use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use ottla_types::Uuid;

use super::balancer::Balancer;
use crate::{Partitions, Subscriber};

/// Passes over the topics at most; the result would only get better slowly.
const MAX_PASSES: usize = 16;

/// Members read different topics: what is free goes to the least loaded subscribers, then topic after topic is balanced
/// until a whole pass changes nothing.
pub(super) fn assign(members: &[Subscriber], partition_counts: &BTreeMap<Uuid, i32>) -> Vec<Partitions> {
    let mut draft = Draft::new(members, partition_counts);
    draft.assign_free();
    draft.balance();
    draft.into_parts(members.len())
}

struct Topic {
    id: Uuid,
    /// Members by their place.
    subscribers: Vec<usize>,
    /// By partition.
    owners: Vec<Option<usize>>,
}

struct Draft {
    topics: Vec<Topic>,
    /// How many partitions each member has.
    sizes: Vec<i64>,
}

impl Draft {
    /// With what members have and may keep.
    fn new(members: &[Subscriber], partition_counts: &BTreeMap<Uuid, i32>) -> Self {
        let mut by_id: BTreeMap<Uuid, Topic> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            for id in &member.topics {
                let count = partition_counts.get(id).copied().unwrap_or(0);
                let owners = || vec![None; usize::try_from(count).unwrap_or(0)];
                let topic = by_id.entry(*id).or_insert_with(|| Topic {
                    id: *id,
                    subscribers: Vec::new(),
                    owners: owners(),
                });
                topic.subscribers.push(at);
            }
        }
        let mut sizes = vec![0; members.len()];
        for (at, member) in members.iter().enumerate() {
            for (id, partitions) in member.assigned.iter().filter(|(id, _)| member.topics.contains(*id)) {
                let Some(topic) = by_id.get_mut(id) else { continue };
                for partition in partitions {
                    let slot = usize::try_from(*partition).ok().and_then(|index| topic.owners.get_mut(index));
                    if let Some(owner) = slot {
                        *owner = Some(at);
                        sizes[at] += 1;
                    }
                }
            }
        }
        let mut topics: Vec<Topic> = by_id.into_values().collect();
        topics.sort_by(hardest_first);
        Self { topics, sizes }
    }

    fn assign_free(&mut self) {
        for topic in &mut self.topics {
            let mut balancer = Balancer::new(&topic.subscribers, &self.sizes);
            for owner in topic.owners.iter_mut().filter(|owner| owner.is_none()) {
                let member = balancer.least_loaded(&self.sizes);
                *owner = Some(member);
                self.sizes[member] += 1;
            }
        }
    }

    fn balance(&mut self) {
        let shared: Vec<usize> =
            (0..self.topics.len()).filter(|at| self.topics[*at].subscribers.len() >= 2).collect();
        // The last topic that changed; back at it, everything has been looked at since.
        let mut last_changed = None;
        for _ in 0..MAX_PASSES {
            for at in &shared {
                if last_changed == Some(*at) {
                    return;
                }
                let moved = self.balance_topic(*at);
                if moved || last_changed.is_none() {
                    last_changed = Some(*at);
                }
            }
        }
    }

    /// Moves partitions of a topic from the most to the least loaded of its subscribers; true when any moved.
    fn balance_topic(&mut self, at: usize) -> bool {
        let topic = &mut self.topics[at];
        let mut balancer = Balancer::new(&topic.subscribers, &self.sizes);
        if balancer.imbalance() <= 1 {
            return false;
        }
        // What each member has of the topic; the highest partition goes first.
        let mut owned: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (partition, owner) in topic.owners.iter().enumerate() {
            if let Some(owner) = owner {
                owned.entry(*owner).or_default().insert(partition);
            }
        }
        let mut moved = false;
        while !balancer.is_balanced() {
            let Some((giver, partition)) = next_to_give(&mut balancer, &self.sizes, &mut owned) else {
                break;
            };
            let taker = balancer.least_loaded(&self.sizes);
            if balancer.is_balanced() {
                break;
            }
            topic.owners[partition] = Some(taker);
            self.sizes[giver] -= 1;
            self.sizes[taker] += 1;
            moved = true;
        }
        moved
    }

    fn into_parts(self, members: usize) -> Vec<Partitions> {
        let mut parts = vec![Partitions::new(); members];
        for topic in self.topics {
            for (partition, owner) in (0..).zip(topic.owners) {
                if let Some(owner) = owner {
                    parts[owner].entry(topic.id).or_default().insert(partition);
                }
            }
        }
        parts
    }
}

/// The most loaded member that had something of the topic when its turn began, and what it gives.
fn next_to_give(
    balancer: &mut Balancer,
    sizes: &[i64],
    owned: &mut BTreeMap<usize, BTreeSet<usize>>,
) -> Option<(usize, usize)> {
    loop {
        let member = balancer.most_loaded(sizes)?;
        match owned.get_mut(&member).and_then(BTreeSet::pop_last) {
            Some(partition) => return Some((member, partition)),
            None => balancer.exclude_most_loaded(),
        }
    }
}

/// Most partitions for each subscriber first: what has few takers leaves the least choice.
fn hardest_first(one: &Topic, other: &Topic) -> Ordering {
    let counts = |topic: &Topic| (topic.owners.len() as u128, topic.subscribers.len() as u128);
    let ((partitions, subscribers), (other_partitions, other_subscribers)) = (counts(one), counts(other));
    (other_partitions * subscribers)
        .cmp(&(partitions * other_subscribers))
        .then(subscribers.cmp(&other_subscribers))
        .then_with(|| signed_halves(one.id).cmp(&signed_halves(other.id)))
}

/// Kafka compares ids as two signed numbers.
fn signed_halves(id: Uuid) -> (i64, i64) {
    let bits = u128::from_be_bytes(id.0);
    ((bits >> 64) as i64, bits as i64)
}
