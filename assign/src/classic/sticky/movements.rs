use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Str;

use super::super::Partition;

/// From whom to whom.
type Pair = (usize, usize);

/// Which partitions were moved between whom, so that two members do not give each other partitions of one topic.
#[derive(Debug, Default)]
pub(super) struct Movements {
    by_topic: BTreeMap<Str, BTreeMap<Pair, BTreeSet<Partition>>>,
    by_partition: BTreeMap<Partition, Pair>,
}

impl Movements {
    /// The partition to move instead of one: one that goes back to where it came from, if there is one.
    pub(super) fn better(&self, partition: &Partition, from: usize, to: usize) -> Partition {
        let from = self.by_partition.get(partition).map_or(from, |(source, _)| *source);
        let reverse = self.by_topic.get(&partition.0).and_then(|pairs| pairs.get(&(to, from)));
        reverse.and_then(BTreeSet::first).unwrap_or(partition).clone()
    }

    pub(super) fn moved(&mut self, partition: &Partition, from: usize, to: usize) {
        let Some(before) = self.by_partition.remove(partition) else {
            return self.note(partition, (from, to));
        };
        if let Some(pairs) = self.by_topic.get_mut(&partition.0) {
            if let Some(partitions) = pairs.get_mut(&before) {
                partitions.remove(partition);
            }
            pairs.retain(|_, partitions| !partitions.is_empty());
        }
        if before.0 != to {
            self.note(partition, (before.0, to));
        }
    }

    fn note(&mut self, partition: &Partition, pair: Pair) {
        self.by_partition.insert(partition.clone(), pair);
        self.by_topic
            .entry(partition.0.clone())
            .or_default()
            .entry(pair)
            .or_default()
            .insert(partition.clone());
    }
}
