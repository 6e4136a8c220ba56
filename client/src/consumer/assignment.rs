use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Shared, partition::TopicPartition};

/// What has become of a consumer's partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignmentChange {
    /// They are read from now on.
    Assigned(Vec<TopicPartition>),
    /// They were given up in good order.
    Revoked(Vec<TopicPartition>),
    /// They are another member's already.
    Lost(Vec<TopicPartition>),
}

/// What somebody has not been told yet.
#[derive(Debug, Default)]
pub(super) struct Untold(Mutex<VecDeque<AssignmentChange>>);

impl Untold {
    pub(super) fn push(&self, change: AssignmentChange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(change);
    }

    fn pop(&self) -> Option<AssignmentChange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Tells, in their order, the changes of a consumer's assignment. It does not hold them up: a partition that is revoked waits
/// for whoever reads it, not for whoever is told.
#[derive(Debug)]
pub struct AssignmentChanges {
    pub(super) shared: Arc<Shared>,
    pub(super) untold: Arc<Untold>,
}

impl AssignmentChanges {
    /// The next change; `None` once the consumer is over. May be cancelled: what was not returned is returned by the next call.
    pub async fn next(&mut self) -> Option<AssignmentChange> {
        loop {
            let mut ready = std::pin::pin!(self.shared.ready.notified());
            ready.as_mut().enable();
            // First: nothing is told once it is over, but something may have been until then.
            let is_over = self.shared.lock().over;
            if let Some(change) = self.untold.pop() {
                return Some(change);
            }
            if is_over {
                return None;
            }
            ready.await;
        }
    }
}
