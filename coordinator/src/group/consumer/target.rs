use std::{collections::BTreeMap, sync::Arc};

use ottla_assign::{Partitions, Subscriber, assign};
use ottla_types::{ErrorCode, Str};

use super::{
    super::{reply::Refused, timers::Timer},
    Subscriptions,
    member::Member,
    reconcile::{Goal, Owned},
    record::{ConsumerRecord, MemberState, TargetEpoch},
    step::{Step, partition_counts, subscribed},
    subscriptions::preferred_assignor,
};

/// A target assignment, as far as one member goes.
pub(super) struct Target {
    pub(super) epoch: i32,
    pub(super) partitions: Arc<Partitions>,
}

impl Step<'_> {
    /// The target the member has to reach: a new one when the group has a new epoch and the last one is old enough.
    /// `before` and `after` are the member as the group knows it and as it will be.
    pub(super) fn update_target(
        &mut self,
        group_epoch: i32,
        before: &Member,
        after: &Member,
    ) -> Result<Target, Refused> {
        if self.group.target_epoch() >= group_epoch || !self.may_compute() {
            return Ok(self.last_target(after));
        }
        let mut members: BTreeMap<Str, Member> =
            self.group.members().map(|member| (member.id.clone(), member)).collect();
        let holder = after.metadata.instance_id.as_ref().and_then(|id| self.group.static_members.get(id));
        if let Some(holder) = holder {
            members.remove(holder);
        }
        members.insert(after.id.clone(), after.clone());
        let subscribers: Vec<Subscriber> = members
            .values()
            .map(|member| {
                let held_by = if member.id == after.id { holder.unwrap_or(&member.id) } else { &member.id };
                self.subscriber(member, held_by)
            })
            .collect();
        let topics =
            members.values().flat_map(|member| subscribed(self.group, &member.metadata, self.metadata));
        let counts = partition_counts(topics);
        let kind = Subscriptions::with_change(self.group, before, after).kind();
        let default = self.settings.consumer.default_assignor();
        let assignor = preferred_assignor(self.group, Some((before, after)), default);
        let parts = assign(assignor, kind, &subscribers, &counts).map_err(|error| {
            let message =
                format!("Failed to compute a new target assignment for epoch {group_epoch}: {error}");
            Refused::new(ErrorCode::UNKNOWN_SERVER_ERROR, message)
        })?;
        let mut own = Arc::default();
        for (member_id, part) in members.into_keys().zip(parts) {
            let part = Arc::new(part);
            if member_id == after.id {
                own = Arc::clone(&part);
            }
            if self.group.target.get(&member_id) != Some(&part) {
                self.records.push(ConsumerRecord::Target { member_id, value: Some(part) });
            }
        }
        let timestamp = self.now.0;
        self.records.push(ConsumerRecord::TargetEpoch(Some(TargetEpoch { epoch: group_epoch, timestamp })));
        Ok(Target { epoch: group_epoch, partitions: own })
    }

    /// What the last target says of a member, or of the one whose instance id it has taken over.
    pub(super) fn last_target(&self, member: &Member) -> Target {
        let member_id = match &member.metadata.instance_id {
            Some(instance_id) => self.group.static_members.get(instance_id),
            None => Some(&member.id),
        };
        let partitions = member_id.and_then(|id| self.group.target.get(id)).cloned().unwrap_or_default();
        Target { epoch: self.group.target_epoch(), partitions }
    }

    /// Targets follow each other at some distance, so that many joins make one of them.
    fn may_compute(&self) -> bool {
        let overrides = self.metadata.overrides(&self.group.id);
        let interval =
            overrides.assignment_interval_ms.unwrap_or(self.settings.consumer.assignment_interval_ms);
        let last = self.group.target_timestamp();
        last == 0 || interval == 0 || self.now.0 >= last.saturating_add(i64::from(interval))
    }

    fn subscriber(&self, member: &Member, held_by: &Str) -> Subscriber {
        Subscriber {
            member_id: member.id.clone(),
            instance_id: member.metadata.instance_id.clone(),
            topics: self.subscribed_ids(&member.metadata),
            assigned: self.group.target(held_by).cloned().unwrap_or_default(),
        }
    }

    /// Brings a member one step nearer to its target, and gives it its time when it has to give something up.
    pub(super) fn reconcile(
        &mut self,
        member: &mut Member,
        target: &Target,
        subscription_changed: bool,
        owned: Owned<'_>,
    ) -> Result<(), Refused> {
        if !subscription_changed && member.is_reconciled_to(target.epoch) {
            return Ok(());
        }
        let subscribed = self.subscribed_ids(&member.metadata);
        let goal = Goal {
            group: self.group,
            target_epoch: target.epoch,
            target: &target.partitions,
            subscribed: &subscribed,
            subscription_changed,
            owned,
        };
        let next = goal.reconcile(member)?;
        if next == member.current {
            return Ok(());
        }
        member.current = next;
        self.records.push(member.current_record());
        if !member.uses_classic_protocol() {
            if member.current.state == MemberState::UnrevokedPartitions {
                let timeout_ms = member.metadata.rebalance_timeout_ms;
                self.set_timer(Timer::ConsumerRebalance, &member.id, timeout_ms);
            } else {
                self.cancel_timer(Timer::ConsumerRebalance, &member.id);
            }
        }
        Ok(())
    }
}
