use std::hash::{BuildHasher, RandomState};

/// Which partition records without a key go to: one of them until it got a batch's worth, then another at random, so that
/// batches are full and the partitions get the same in the long run (KIP-794).
#[derive(Debug)]
pub(super) struct Sticky {
    partition: usize,
    /// Bytes it got since it was chosen.
    bytes: usize,
    random: RandomState,
    chosen: u64,
}

impl Sticky {
    pub(super) fn new() -> Self {
        Self { partition: 0, bytes: 0, random: RandomState::new(), chosen: 0 }
    }

    pub(super) const fn partition(&self) -> usize {
        self.partition
    }

    /// A record went to the partition. Those without a leader are not chosen while others have one.
    pub(super) fn on_pushed(
        &mut self,
        bytes: usize,
        batch_bytes: usize,
        queues: &[usize],
        leads: impl Fn(usize) -> bool,
    ) {
        self.bytes += bytes;
        if self.bytes < batch_bytes {
            return;
        }
        self.bytes = 0;
        self.chosen += 1;
        let led: Vec<usize> = (0..queues.len()).filter(|at| leads(queues[*at])).collect();
        let number = self.random.hash_one(self.chosen) as usize;
        self.partition = match led.len() {
            0 => number % queues.len().max(1),
            some => led[number % some],
        };
    }
}
