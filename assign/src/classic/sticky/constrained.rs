use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ottla_types::Str;

use super::{
    super::{Partition, racks::Nearness},
    Claims,
};

/// Everybody reads the same topics: everybody gets as many partitions, some one more. Also what changes hands.
pub(super) fn assign(
    claims: Claims,
    counts: &BTreeMap<Str, i32>,
    nearness: &Nearness<'_>,
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
        far: BTreeMap::new(),
    };
    for (at, owned) in claims.owned.into_iter().enumerate() {
        let mut owned: Vec<_> =
            owned.into_iter().filter(|partition| !claims.disputed.contains(partition)).collect();
        let far = owned.extract_if(.., |partition| !nearness.allows(at, partition));
        filling.far.extend(far.map(|partition| (partition, at)));
        filling.keep(at, owned);
    }
    filling.at_quota.make_contiguous().sort_unstable();
    let kept: BTreeSet<Partition> = filling.parts.iter().flatten().cloned().collect();
    let mut free: Vec<Partition> = all().filter(|partition| !kept.contains(partition)).collect();
    if nearness.matters() {
        // First those that are near to few.
        free.sort_by_cached_key(|partition| nearness.locals(partition));
        filling.give_nearby(&mut free, nearness);
    }
    free.into_iter().for_each(|partition| filling.give(partition));
    let moved = filling.changed_hands();
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
    /// What somebody had and is far from it.
    far: BTreeMap<Partition, usize>,
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

    /// Gives what is near to somebody: to those below the quota in turns, then to those at it. Kafka's fails where more
    /// members than may have one more are near to what there is; here such a partition goes to somebody else.
    fn give_nearby(&mut self, free: &mut Vec<Partition>, nearness: &Nearness<'_>) {
        let mut next = 0;
        free.retain(|partition| {
            let is_local = |at: &usize| nearness.is_local(*at, partition);
            let (start, count) = (next, self.below.len());
            let mut turn = (0..count).map(|step| (start + step) % count);
            let at = if let Some(place) = turn.find(|place| is_local(&self.below[*place])) {
                let at = self.below[place];
                let is_filled = self.parts[at].len() + 1 >= self.quota;
                if is_filled {
                    self.below.remove(place);
                    self.at_quota.push_back(at);
                }
                next = (place + usize::from(!is_filled)).checked_rem(self.below.len()).unwrap_or(0);
                at
            } else {
                let place = self.at_quota.iter().position(is_local).filter(|_| self.more > 0);
                let Some(at) = place.and_then(|place| self.at_quota.remove(place)) else { return true };
                self.more -= 1;
                at
            };
            self.parts[at].push(partition.clone());
            false
        });
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

    /// What somebody gets that another one has.
    fn changed_hands(&self) -> BTreeSet<Partition> {
        let mut changed = BTreeSet::new();
        for (at, part) in self.parts.iter().enumerate() {
            let is_far = |partition: &Partition| self.far.get(partition).is_some_and(|owner| *owner != at);
            let moves = part.iter().filter(|partition| self.moving.contains(*partition) || is_far(partition));
            changed.extend(moves.cloned());
        }
        changed
    }
}
