use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Str;

use super::{
    super::{ClassicMember, Partition, racks::Nearness},
    Claims, NO_GENERATION, generation_of,
    movements::Movements,
};

/// Members read different topics: what they have stays, what is free goes to whoever has least, then partitions move as
/// long as that evens out.
pub(super) fn assign(
    members: &[&ClassicMember],
    claims: Claims,
    counts: &BTreeMap<Str, i32>,
    nearness: &Nearness<'_>,
) -> Vec<Vec<Partition>> {
    let previous = previous_owners(members, claims.generation);
    let mut balance = Balance::new(members, claims, counts);
    let mut all = balance.all_partitions();
    let revokes = balance.drop_unfit(members, nearness);
    let kept: BTreeSet<Partition> = balance.current.iter().flatten().cloned().collect();
    let mut free: Vec<Partition> =
        all.iter().filter(|partition| !kept.contains(*partition)).cloned().collect();
    balance.sorted = balance.current.iter().enumerate().map(|(at, part)| (part.len(), at)).collect();
    let is_first = balance.current.iter().all(Vec::is_empty);

    // First what is near somebody.
    let mut far = free.clone();
    far.retain(|partition| !balance.give(partition, |at| nearness.allows(at, partition)));
    far.retain(|partition| !balance.give(partition, |_| true));
    let is_movable = |partition: &Partition| balance.readers[&partition.0].len() >= 2;
    all.retain(is_movable);
    free.retain(is_movable);
    for at in 0..members.len() {
        if !balance.can_change(at) {
            balance.sorted.remove(&(balance.current[at].len(), at));
            balance.fixed[at] = true;
        }
    }
    let before = (balance.current.clone(), balance.owner.clone());
    let score_before = balance.score();
    // What is new moves first, unless something must be given up anyway.
    if !revokes {
        balance.even_out(&free, &previous);
    }
    let has_moved = balance.even_out(&all, &previous);
    if !is_first && has_moved && balance.score() >= score_before {
        (balance.current, balance.owner) = before;
    }
    balance.current
}

/// Who had a partition in an earlier generation than the last.
fn previous_owners(members: &[&ClassicMember], generation: i32) -> BTreeMap<Partition, usize> {
    let mut previous: BTreeMap<Partition, (i32, usize)> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let of = generation_of(member);
        let is_old = member.generation.map_or(generation > NO_GENERATION, |of| of < generation);
        for partition in member.owned.iter().filter(|_| is_old) {
            let known = previous.entry(partition.clone()).or_insert((of, at));
            if of > known.0 {
                *known = (of, at);
            }
        }
    }
    previous.into_iter().map(|(partition, (_, at))| (partition, at)).collect()
}

struct Balance<'a> {
    counts: &'a BTreeMap<Str, i32>,
    /// Members by topic they read.
    readers: BTreeMap<Str, Vec<usize>>,
    /// Topics by member that are there.
    topics: Vec<Vec<Str>>,
    current: Vec<Vec<Partition>>,
    owner: BTreeMap<Partition, usize>,
    /// Members that may change, by how much they have.
    sorted: BTreeSet<(usize, usize)>,
    /// Members that have all they can have, and nothing others can.
    fixed: Vec<bool>,
    movements: Movements,
}

impl<'a> Balance<'a> {
    fn new(members: &[&ClassicMember], claims: Claims, counts: &'a BTreeMap<Str, i32>) -> Self {
        let mut readers: BTreeMap<Str, Vec<usize>> =
            counts.keys().map(|topic| (topic.clone(), Vec::new())).collect();
        let mut topics = vec![Vec::new(); members.len()];
        for (at, member) in members.iter().enumerate() {
            for topic in &member.topics {
                if let Some(of) = readers.get_mut(topic) {
                    of.push(at);
                    topics[at].push(topic.clone());
                }
            }
        }
        let owned = claims.owned.iter().enumerate();
        let owner = owned.flat_map(|(at, part)| part.iter().map(move |partition| (partition.clone(), at)));
        Self {
            counts,
            readers,
            topics,
            owner: owner.collect(),
            current: claims.owned,
            sorted: BTreeSet::new(),
            fixed: vec![false; members.len()],
            movements: Movements::default(),
        }
    }

    /// Those fewest can read first.
    fn all_partitions(&self) -> Vec<Partition> {
        let mut topics: Vec<_> = self.counts.iter().collect();
        topics.sort_by_key(|(topic, _)| (self.readers[*topic].len(), *topic));
        topics.into_iter().flat_map(|(topic, count)| (0..*count).map(|p| (topic.clone(), p))).collect()
    }

    /// Whether somebody has what it does not read any more, or what is far from it.
    fn drop_unfit(&mut self, members: &[&ClassicMember], nearness: &Nearness<'_>) -> bool {
        let before: usize = self.current.iter().map(Vec::len).sum();
        for (at, (part, member)) in self.current.iter_mut().zip(members).enumerate() {
            part.retain(|partition| member.topics.contains(&partition.0) && nearness.allows(at, partition));
        }
        self.current.iter().map(Vec::len).sum::<usize>() < before
    }

    /// Gives it to whoever has least of those that read it and `may` have it. Says whether there is one.
    fn give(&mut self, partition: &Partition, may: impl Fn(usize) -> bool) -> bool {
        let reads = |(_, at): &&(usize, usize)| self.topics[*at].contains(&partition.0) && may(*at);
        let Some((_, at)) = self.sorted.iter().find(reads).copied() else { return false };
        self.resize(at, |part| part.push(partition.clone()));
        self.owner.insert(partition.clone(), at);
        true
    }

    fn resize(&mut self, at: usize, change: impl FnOnce(&mut Vec<Partition>)) {
        self.sorted.remove(&(self.current[at].len(), at));
        change(&mut self.current[at]);
        self.sorted.insert((self.current[at].len(), at));
    }

    fn most(&self, at: usize) -> usize {
        let count = |topic: &Str| usize::try_from(self.counts[topic]).unwrap_or_default();
        self.topics[at].iter().map(count).sum()
    }

    fn can_change(&self, at: usize) -> bool {
        let part = &self.current[at];
        part.len() < self.most(at) || part.iter().any(|partition| self.readers[&partition.0].len() >= 2)
    }

    fn is_balanced(&self) -> bool {
        let (Some((least, _)), Some((most, _))) = (self.sorted.first(), self.sorted.last()) else {
            return true;
        };
        if least + 1 >= *most {
            return true;
        }
        self.sorted.iter().all(|(count, at)| *count == self.most(*at) || !self.could_get_more(*at))
    }

    /// Whether a partition would be better with this member.
    fn could_get_more(&self, at: usize) -> bool {
        let count = self.current[at].len();
        self.topics[at].iter().any(|topic| {
            (0..self.counts[topic]).any(|partition| {
                let owner = self.owner.get(&(topic.clone(), partition)).copied().filter(|owner| *owner != at);
                owner.is_some_and(|owner| count + 1 < self.current[owner].len())
            })
        })
    }

    /// Moves partitions as long as it evens out. Says whether any was moved.
    fn even_out(&mut self, partitions: &[Partition], previous: &BTreeMap<Partition, usize>) -> bool {
        let mut has_moved = false;
        loop {
            let mut moves = false;
            for partition in partitions {
                if self.is_balanced() {
                    break;
                }
                moves |= self.improve(partition, previous.get(partition).copied());
            }
            has_moved |= moves;
            if !moves {
                return has_moved;
            }
        }
    }

    fn improve(&mut self, partition: &Partition, previous: Option<usize>) -> bool {
        let Some(owner) = self.owner.get(partition).copied() else { return false };
        let count = self.current[owner].len();
        let is_better = |other: usize| !self.fixed[other] && count > self.current[other].len() + 1;
        // Kafka's gives it back also to one that does not read the topic any more, which then asks again for ever.
        let reads = |at: usize| self.topics[at].contains(&partition.0);
        if let Some(previous) = previous.filter(|previous| is_better(*previous) && reads(*previous)) {
            self.move_to(partition, owner, previous);
            return true;
        }
        if !self.readers[&partition.0].iter().any(|other| is_better(*other)) {
            return false;
        }
        let Some((_, to)) = self.sorted.iter().find(|(_, at)| reads(*at)).copied() else { return false };
        self.move_to(partition, owner, to);
        true
    }

    fn move_to(&mut self, partition: &Partition, from: usize, to: usize) {
        let partition = self.movements.better(partition, from, to);
        // Another one than was asked for may have another owner.
        let from = self.owner.get(&partition).copied().unwrap_or(from);
        self.movements.moved(&partition, from, to);
        self.resize(from, |part| part.retain(|of| *of != partition));
        self.resize(to, |part| part.push(partition.clone()));
        self.owner.insert(partition, to);
    }

    /// How uneven it is among those that may change: 0 where all have the same.
    fn score(&self) -> usize {
        let sizes: Vec<usize> = self
            .current
            .iter()
            .zip(&self.fixed)
            .filter(|(_, fixed)| !**fixed)
            .map(|(part, _)| part.len())
            .collect();
        let pairs = sizes.iter().enumerate().flat_map(|(at, a)| sizes[..at].iter().map(|b| a.abs_diff(*b)));
        pairs.sum()
    }
}
