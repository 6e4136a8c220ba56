/// Hands out the members of one topic, those with the fewest partitions first and those with the most first, while their
/// loads change. Both ends work on ranges of equal load in one sorted list, so that nothing is ever sorted again.
///
/// The loads (`sizes`, by member) belong to the caller, who moves a partition after each pair of answers.
pub(super) struct Balancer {
    /// Subscribers by load, then in order.
    sorted: Vec<usize>,
    /// The members before this place have the least load.
    least_end: usize,
    least_size: i64,
    next_least: usize,
    /// The members between these places have the most.
    most_start: usize,
    most_end: usize,
    most_size: i64,
    /// How many places are before and at the next to be handed out; 0 when there is none.
    most_left: usize,
}

impl Balancer {
    /// For the subscribers of a topic, of which there is at least one.
    pub(super) fn new(subscribers: &[usize], sizes: &[i64]) -> Self {
        let mut sorted = subscribers.to_vec();
        sorted.sort_by_key(|member| (sizes[*member], *member));
        let size = |member: Option<&usize>| member.map_or(0, |member| sizes[*member]);
        let count = sorted.len();
        Self {
            least_end: 0,
            least_size: size(sorted.first()) - 1,
            next_least: 0,
            most_start: count,
            most_end: count,
            most_size: size(sorted.last()) + 1,
            most_left: count,
            sorted,
        }
    }

    /// How far apart the loads are at the beginning.
    pub(super) fn imbalance(&self) -> i64 {
        self.most_size - self.least_size - 2
    }

    pub(super) fn least_loaded(&mut self, sizes: &[i64]) -> usize {
        if self.next_least >= self.least_end {
            self.least_size += 1;
            let size = self.least_size;
            let reached = |member: &usize| sizes[*member] == size;
            self.least_end +=
                self.sorted[self.least_end..].iter().take_while(|member| reached(member)).count();
            self.next_least = 0;
        }
        self.next_least += 1;
        self.sorted[self.next_least - 1]
    }

    /// `None` when all have been excluded.
    pub(super) fn most_loaded(&mut self, sizes: &[i64]) -> Option<usize> {
        if self.most_left <= self.most_start {
            let below = &self.sorted[..self.most_start];
            self.most_size = match below.last() {
                Some(next) if self.most_end <= self.most_start => sizes[*next],
                _ => self.most_size - 1,
            };
            let size = self.most_size;
            let reached = |member: &usize| sizes[*member] == size;
            self.most_start -= below.iter().rev().take_while(|member| reached(member)).count();
            self.most_left = self.most_end;
        }
        self.most_left = self.most_left.checked_sub(1)?;
        Some(self.sorted[self.most_left])
    }

    /// The member handed out last by [`most_loaded`](Self::most_loaded) has nothing of this topic to give.
    pub(super) fn exclude_most_loaded(&mut self) {
        self.sorted.swap(self.most_left, self.most_end - 1);
        self.most_end -= 1;
    }

    /// Moving more partitions would not make it more even.
    pub(super) fn is_balanced(&self) -> bool {
        self.most_size - self.least_size <= 1
    }
}
