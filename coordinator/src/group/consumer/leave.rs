//! Members that go, by themselves or because their time is over, and the classic group that may be left.

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    super::{Groups, classic::ClassicGroup, record::Record, reply::Refused, timers::Timer},
    HeartbeatReply,
    decide::{RECORD_OVERHEAD_BYTES, of_group},
    member::{LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Member},
    request::ConsumerHeartbeat,
};
use crate::Effects;

impl Groups {
    pub(super) fn leave_consumer_group(
        &mut self,
        now: Millis,
        request: &ConsumerHeartbeat,
        effects: &mut Effects<Self>,
    ) -> Result<HeartbeatReply, Refused> {
        let group_id = &request.group_id;
        if self.durable.consumer_group(group_id).is_none() {
            let message = format!("Group {group_id} not found.");
            return Err(Refused::new(ErrorCode::GROUP_ID_NOT_FOUND, message));
        }
        let left = self.decide(now, group_id, effects, |step| {
            let member = match &request.instance_id {
                None => step.dynamic_member(&request.member_id, false)?,
                Some(instance_id) => step.static_member(&request.member_id, instance_id)?,
            };
            if request.member_epoch == LEAVE_STATIC_EPOCH {
                step.leave_for_a_while(&member);
            }
            Ok(member)
        })?;
        if request.member_epoch == LEAVE_EPOCH {
            let mut room = self.settings.max_batch_bytes;
            self.fence(now, group_id, std::slice::from_ref(&left.id), &mut room, effects);
        }
        Ok(HeartbeatReply {
            member_id: left.id,
            member_epoch: request.member_epoch,
            ..HeartbeatReply::default()
        })
    }

    /// Takes members out of a consumer group, which may become a classic one by that. Who is no member is left out; who does
    /// not fit into the `room` of bytes that is left in the batch follows at once.
    pub(super) fn fence(
        &mut self,
        now: Millis,
        group_id: &Str,
        member_ids: &[Str],
        room: &mut usize,
        effects: &mut Effects<Self>,
    ) {
        let Some(group) = self.durable.consumer_group(group_id) else { return };
        let mut members: Vec<Member> = Vec::new();
        for member in member_ids.iter().filter_map(|id| group.member(id)) {
            let bytes = 3 * (group_id.len() + member.id.len() + RECORD_OVERHEAD_BYTES);
            if let Some(left) = room.checked_sub(bytes) {
                *room = left;
                members.push(member);
            } else {
                self.timers.set(Timer::ConsumerSession(group.id.clone(), member.id), now);
            }
        }
        if members.is_empty() {
            return;
        }
        let downgrades = self.decide(now, group_id, effects, |step| Ok(step.may_downgrade_without(&members)));
        let changes: (&[Member], _) = (&members, None);
        if downgrades == Ok(true) && self.downgrade(now, group_id, changes, true, effects) {
            return;
        }
        let removed = self.decide(now, group_id, effects, |step| {
            step.remove(&members);
            Ok(())
        });
        debug_assert!(removed.is_ok(), "nobody refuses to let members go");
    }

    /// Makes a classic group of a consumer group; `changes` are who leaves and who comes. False, and nothing done, when its
    /// record would be too large.
    pub(super) fn downgrade(
        &mut self,
        now: Millis,
        group_id: &Str,
        changes: (&[Member], Option<&Member>),
        rebalance: bool,
        effects: &mut Effects<Self>,
    ) -> bool {
        let (leaving, joining) = changes;
        let mut nothing = Effects::default();
        let members =
            self.decide(now, group_id, &mut nothing, |step| Ok(step.classic_members(leaving, joining)));
        let Some(group) = self.durable.consumer_group(group_id) else { return false };
        let id = group.id.clone();
        let members = members.unwrap_or_default();
        let classic = ClassicGroup::from_members(id.clone(), group.epoch(), members, now);
        let mut records: Vec<Record> = of_group(&id, group.obituary()).collect();
        records.push(classic.record());
        if self.check_size(&records).is_err() {
            return false;
        }
        for member_id in group.member_ids() {
            for timer in Timer::CONSUMER_MEMBER {
                self.timers.cancel(&timer(id.clone(), member_id.clone()));
            }
        }
        self.timers.cancel(&Timer::Regex(id.clone()));
        effects.records.append(&mut records);
        self.live.insert(id.clone(), classic);
        self.with_group(&id, now, effects, |group, turn| group.on_downgraded(turn, rebalance));
        true
    }
}
