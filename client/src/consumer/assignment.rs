use std::sync::Arc;

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

/// Tells, in their order, the changes of a consumer's assignment. It does not hold them up: a partition that is revoked waits
/// for whoever reads it, not for whoever is told.
#[derive(Debug)]
pub struct AssignmentChanges {
    pub(super) shared: Arc<Shared>,
}

impl AssignmentChanges {
    /// The next change; `None` once the consumer is over. May be cancelled: what was not returned is returned by the next call.
    pub async fn next(&mut self) -> Option<AssignmentChange> {
        loop {
            let mut ready = std::pin::pin!(self.shared.ready.notified());
            ready.as_mut().enable();
            {
                let mut state = self.shared.lock();
                if let Some(change) = state.changes.as_mut().and_then(std::collections::VecDeque::pop_front) {
                    return Some(change);
                }
                if state.over {
                    return None;
                }
            }
            ready.await;
        }
    }
}

impl Drop for AssignmentChanges {
    fn drop(&mut self) {
        // Nobody takes them any more.
        self.shared.lock().changes = None;
    }
}
