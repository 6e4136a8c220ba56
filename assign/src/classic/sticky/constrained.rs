use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ottla_types::Str;

use super::{super::Partition, Claims};

/// Everybody reads the same topics: everybody gets as many partitions, some one more. Also what changes hands.
pub(super) fn assign(
    claims: Claims,
    counts: &BTreeMap<Str, i32>,
) -> (Vec<Vec<Partition>>, BTreeSet<Partition>) {
    let all = || counts.iter().flat_map(|(topic, count)| (0..*count).map(move |p| (topic.clone(), p)));
    let (total, members) = (all().count(), claims.owned.len().max(1));
    let mut filling = Filling {
        quota: total / members,
        more: total % members,
        parts: vec![Vec::new(); claims.owned.len()],
        below: VecDeque::new(),
        at_quota: VecDeque::new(),
        moving: claims.disputed.clone(),
    };
    for (at, owned) in claims.owned.into_iter().enumerate() {
        filling
            .keep(at, owned.into_iter().filter(|partition| !claims.disputed.contains(partition)).collect());
    }
    filling.at_quota.make_contiguous().sort_unstable();
    let kept: BTreeSet<Partition> = filling.parts.iter().flatten().cloned().collect();
    let mut moved = BTreeSet::new();
    for partition in all().filter(|partition| !kept.contains(partition)) {
        if filling.moving.contains(&partition) {
            moved.insert(partition.clone());
        }
        filling.give(partition);
    }
    (filling.parts, moved)
}

struct Filling {
    /// What everybody gets.
    quota: usize,
    /// How many members may still get one more.
    more: usize,
    parts: Vec<Vec<Partition>>,
    /// Members that have less than the quota, the next one first.
    below: VecDeque<usize>,
    /// Members that have the quota and may get one more.
    at_quota: VecDeque<usize>,
    /// What others had.
    moving: BTreeSet<Partition>,
}

impl Filling {
    /// A member keeps of what it has as much as it may.
    fn keep(&mut self, at: usize, mut owned: Vec<Partition>) {
        owned.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        if owned.len() < self.quota {
            self.below.push_back(at);
        } else if owned.len() > self.quota && self.more > 0 {
            self.more -= 1;
            self.moving.extend(owned.split_off(self.quota + 1));
            if self.more == 0 {
                self.at_quota.clear();
            }
        } else {
            self.moving.extend(owned.split_off(self.quota));
            if self.more > 0 {
                self.at_quota.push_back(at);
            }
        }
        self.parts[at] = owned;
    }

    /// Gives a partition to whoever is next: those below the quota in turns, then those at it.
    fn give(&mut self, partition: Partition) {
        let (below, at) = match self.below.pop_front() {
            Some(at) => (true, Some(at)),
            None => (false, self.at_quota.pop_front()),
        };
        // There is somebody for every partition: the quotas add up to all of them.
        let Some(at) = at else { return };
        self.parts[at].push(partition);
        if below && self.parts[at].len() == self.quota {
            self.at_quota.push_back(at);
        } else if below {
            self.below.push_back(at);
        }
    }
}
