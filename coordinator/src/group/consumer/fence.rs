use std::sync::Arc;

use super::{
    super::timers::Timer,
    Subscriptions,
    member::{LEAVE_STATIC_EPOCH, Member},
    record::{ConsumerRecord, GroupEpoch, OwnedPartitions},
    step::Step,
};

impl Step<'_> {
    /// Takes members out of the group: they have left, or have not been heard of in time.
    pub(in crate::group) fn remove(&mut self, members: &[Member]) {
        if members.is_empty() {
            return;
        }
        for member in members {
            self.records.extend(Member::obituary(&member.id));
        }
        self.forget_regexes_of(members);
        let subscriptions = Subscriptions::without(self.group, members);
        let metadata_hash = subscriptions.metadata_hash(self.metadata);
        let epoch = self.group.epoch() + 1;
        self.records.push(ConsumerRecord::Epoch(Some(GroupEpoch { epoch, metadata_hash })));
        for member in members {
            for timer in Timer::CONSUMER_MEMBER {
                self.cancel_timer(timer, &member.id);
            }
        }
    }

    /// A static member leaves for a while: its part stays its own, until its session ends.
    pub(super) fn leave_for_a_while(&mut self, member: &Member) {
        let mut current = (*member.current).clone();
        current.epoch = LEAVE_STATIC_EPOCH;
        current.revoking = OwnedPartitions::new();
        for epoch in current.assigned.values_mut().flat_map(|partitions| partitions.values_mut()) {
            *epoch = 0;
        }
        let value = Some(Arc::new(current));
        self.records.push(ConsumerRecord::Current { member_id: member.id.clone(), value });
    }
}
