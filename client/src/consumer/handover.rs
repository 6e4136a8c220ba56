use std::collections::BTreeMap;

use super::{
    commits::Marks,
    partition::{Partitions, TopicPartition},
};

/// Whether everything that was read is covered by offsets that went into a transaction.
///
/// Partitions may be given up while their records are being written to a transaction: the group then goes on where it was,
/// and whoever gets the partition writes the same again. That transaction must not be committed. What a partition's new
/// owner would read again is known exactly when it is given up: all that was handed out and is not covered.
#[derive(Debug, Default)]
pub(super) struct Handover {
    /// One past what readers were given.
    given: BTreeMap<TopicPartition, i64>,
    /// Up to where offsets went into a transaction.
    covered: BTreeMap<TopicPartition, i64>,
    /// A partition was given up with more than that.
    has_lost: bool,
}

impl Handover {
    pub(super) fn on_given(&mut self, at: &TopicPartition, next_offset: i64) {
        self.given.insert(at.clone(), next_offset);
    }

    /// Partitions are somebody else's.
    pub(super) fn on_given_up(&mut self, partitions: &Partitions) {
        for at in partitions {
            let (given, covered) = (self.given.remove(at), self.covered.remove(at));
            self.has_lost |= given.is_some_and(|given| covered.is_none_or(|covered| covered < given));
        }
    }

    /// These go into a transaction. Says whether they are not all that was read.
    pub(super) fn cover(&mut self, marks: &Marks) -> bool {
        self.covered.extend(marks.iter().map(|(at, mark)| (at.clone(), mark.offset)));
        self.has_lost
    }

    /// The reader goes to another place of the partition.
    pub(super) fn forget(&mut self, at: &TopicPartition) {
        self.given.remove(at);
        self.covered.remove(at);
    }

    /// Everything is read again from where the group is.
    pub(super) fn begin_anew(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use ottla_types::Str;

    use super::*;
    use crate::consumer::Mark;

    fn at(partition: i32) -> TopicPartition {
        TopicPartition::new("t", partition)
    }

    fn marks(partition: i32, offset: i64) -> Marks {
        [(at(partition), Mark { offset, epoch: -1, metadata: Str::new() })].into()
    }

    #[test]
    fn what_is_covered_may_be_given_up() {
        let mut handover = Handover::default();
        handover.on_given(&at(0), 10);
        handover.on_given(&at(1), 20);
        assert!(!handover.cover(&marks(0, 10)));
        handover.on_given_up(&[at(0)].into());
        assert!(!handover.cover(&marks(1, 15)));
        // Five records of it are in hand, or in a transaction.
        handover.on_given_up(&[at(1)].into());
        assert!(handover.cover(&Marks::new()));
        handover.begin_anew();
        assert!(!handover.cover(&Marks::new()));
    }

    #[test]
    fn a_partition_that_comes_back_does_not_make_good_what_was_lost() {
        let mut handover = Handover::default();
        handover.on_given(&at(0), 10);
        handover.on_given_up(&[at(0)].into());
        handover.on_given(&at(0), 10);
        assert!(handover.cover(&marks(0, 10)));
    }
}
