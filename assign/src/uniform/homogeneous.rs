use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Uuid;

use crate::{AssignError, Partitions, Subscriber};

/// Everybody reads the same topics: each member keeps what it has up to its quota, the rest goes to those below theirs.
pub(super) fn assign(
    members: &[Subscriber],
    partition_counts: &BTreeMap<Uuid, i32>,
) -> Result<Vec<Partitions>, AssignError> {
    let Some(first) = members.first() else { return Ok(Vec::new()) };
    let mut deal = Deal::new(members, &first.topics, partition_counts);
    let mut parts = Vec::with_capacity(members.len());
    for (at, member) in members.iter().enumerate() {
        parts.push(deal.keep(member, members.len() - at));
    }
    deal.give_out(&mut parts)?;
    Ok(parts)
}

struct Deal<'a> {
    topics: &'a BTreeSet<Uuid>,
    /// What every member gets at least.
    quota: usize,
    /// How many members get one more.
    extra: usize,
    /// Partitions nobody has, in the order they are given out.
    unassigned: Vec<(Uuid, i32)>,
    /// Members below their quota and by how much, in order.
    unfilled: Vec<(usize, usize)>,
    seen: usize,
}

impl<'a> Deal<'a> {
    fn new(
        members: &[Subscriber],
        topics: &'a BTreeSet<Uuid>,
        partition_counts: &BTreeMap<Uuid, i32>,
    ) -> Self {
        let mut assigned: BTreeSet<(Uuid, i32)> = BTreeSet::new();
        for (topic, partitions) in members.iter().flat_map(|member| &member.assigned) {
            assigned.extend(partitions.iter().map(|partition| (*topic, *partition)));
        }
        let mut total = 0;
        let mut unassigned = Vec::new();
        for topic in topics {
            let count = partition_counts.get(topic).copied().unwrap_or(0);
            total += usize::try_from(count).unwrap_or(0);
            let all = (0..count).map(|partition| (*topic, partition));
            unassigned.extend(all.filter(|partition| !assigned.contains(partition)));
        }
        let (quota, extra) = (total / members.len(), total % members.len());
        Self { topics, quota, extra, unassigned, unfilled: Vec::new(), seen: 0 }
    }

    /// What of its partitions a member keeps. `left` counts the members from this one on: those at the end must take the
    /// extra partitions that earlier ones had no use for.
    fn keep(&mut self, member: &Subscriber, left: usize) -> Partitions {
        let mut has_extra = self.extra > 0;
        let mut room = self.quota + usize::from(has_extra);
        let mut kept = Partitions::new();
        for (topic, partitions) in member.assigned.iter().filter(|(topic, _)| self.topics.contains(*topic)) {
            let stay: BTreeSet<i32> = partitions.iter().take(room).copied().collect();
            self.unassigned.extend(partitions.iter().skip(room).map(|partition| (*topic, *partition)));
            room -= stay.len();
            if !stay.is_empty() {
                kept.insert(*topic, stay);
            }
        }
        if room > 0 && has_extra && left > self.extra {
            room -= 1;
            has_extra = false;
        }
        if room > 0 {
            self.unfilled.push((self.seen, room));
        }
        self.extra -= usize::from(has_extra);
        self.seen += 1;
        kept
    }

    fn give_out(self, parts: &mut [Partitions]) -> Result<(), AssignError> {
        let mut unassigned = self.unassigned.into_iter();
        for (member, room) in self.unfilled {
            for (topic, partition) in unassigned.by_ref().take(room) {
                parts[member].entry(topic).or_default().insert(partition);
            }
        }
        if unassigned.next().is_some() { Err(AssignError::LeftOver) } else { Ok(()) }
    }
}
