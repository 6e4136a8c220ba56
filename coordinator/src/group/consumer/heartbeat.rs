use std::collections::BTreeSet;

use ottla_assign::Partitions;
use ottla_types::{ErrorCode, Str, Uuid};

use super::{
    super::{reply::Refused, timers::Timer},
    Subscriptions,
    member::{LEAVE_STATIC_EPOCH, Member},
    record::{MemberMetadata, OwnedPartitions},
    request::ConsumerHeartbeat,
    step::Step,
};

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeartbeatReply {
    /// The caller's id.
    pub member_id: Str,
    /// Its epoch now.
    pub member_epoch: i32,
    /// When to come again, in milliseconds.
    pub heartbeat_interval_ms: i32,
    /// What it may read; `None` when that has not changed.
    pub assignment: Option<Partitions>,
}

impl Step<'_> {
    /// A member joins or says that it is there.
    pub(in crate::group) fn heartbeat(
        &mut self,
        request: &ConsumerHeartbeat,
    ) -> Result<HeartbeatReply, Refused> {
        self.check_room(&request.member_id)?;
        let before = self.calling_member(request)?;
        let mut member = before.clone();
        let topics_changed = self.update_metadata(&mut member, said(&before.metadata, request));
        let regex = self.update_regex(&before, &member)?;
        let subscription_changed = topics_changed || regex.changed;
        let bump = topics_changed || regex.resolved;
        let mut group_epoch = self.group.epoch();
        if bump || self.is_stale() {
            let subscriptions = Subscriptions::with_change(self.group, &before, &member);
            group_epoch = self.update_epoch(bump, &subscriptions);
        }
        let target = self.update_target(group_epoch, &before, &member)?;
        self.reconcile(&mut member, &target, subscription_changed, request.owned.as_deref())?;
        self.set_timer(Timer::ConsumerSession, &member.id, self.session_timeout_ms());
        let assigned = &member.current.assigned;
        let tells = request.member_epoch == 0 || request.is_full() || *assigned != before.current.assigned;
        Ok(HeartbeatReply {
            member_epoch: member.epoch(),
            heartbeat_interval_ms: self.heartbeat_interval_ms(),
            assignment: tells.then(|| without_epochs(assigned)),
            member_id: member.id,
        })
    }

    /// Who calls, if it may: the member as the group knows it, or as it comes into being.
    fn calling_member(&mut self, request: &ConsumerHeartbeat) -> Result<Member, Refused> {
        let joins = request.member_epoch == 0;
        let made_id;
        let member_id = if request.member_id.is_empty() {
            made_id = Str::from(request.fresh_id.to_string());
            &made_id
        } else {
            &request.member_id
        };
        let Some(instance_id) = &request.instance_id else {
            let member = self.dynamic_member(member_id, joins)?;
            check_epoch(&member, request)?;
            return Ok(member);
        };
        if !joins {
            let member = self.static_member(member_id, instance_id)?;
            check_epoch(&member, request)?;
            return Ok(member);
        }
        let Some(holder) = self.group.static_member(instance_id) else {
            return self.dynamic_member(member_id, true);
        };
        if !holder.uses_classic_protocol() && holder.epoch() != LEAVE_STATIC_EPOCH {
            let message = format!(
                "Static member {member_id} with instance id {instance_id} cannot join the group because the \
                 instance id is owned by {} member.",
                holder.id
            );
            return Err(Refused::new(ErrorCode::UNRELEASED_INSTANCE_ID, message));
        }
        Ok(self.replace_static_member(&holder, member_id))
    }
}

/// A member must be in the epoch it was told, or in the one before if the answer may have been lost: it then has nothing
/// but what it may have now.
fn check_epoch(member: &Member, request: &ConsumerHeartbeat) -> Result<(), Refused> {
    let (received, known) = (request.member_epoch, member.epoch());
    let lost_answer = received == member.current.previous_epoch
        && request.owned.as_ref().is_some_and(|owned| is_part_of(owned, &member.current.assigned));
    if received == 0 || received == known || received < known && lost_answer {
        return Ok(());
    }
    let what = if received > known { "greater" } else { "smaller" };
    let message = format!(
        "The consumer group member has a {what} member epoch ({received}) than the one known by the group coordinator \
         ({known}). The member must abandon all its partitions and rejoin."
    );
    Err(Refused::new(ErrorCode::FENCED_MEMBER_EPOCH, message))
}

fn is_part_of(owned: &[(Uuid, Vec<i32>)], assigned: &OwnedPartitions) -> bool {
    owned.iter().all(|(topic, partitions)| {
        let known = assigned.get(topic);
        known.is_some_and(|known| partitions.iter().all(|partition| known.contains_key(partition)))
    })
}

/// What the member has said of itself, this time included. What is kept does not pin the request.
fn said(before: &MemberMetadata, request: &ConsumerHeartbeat) -> MemberMetadata {
    let newer = |said: &Option<Str>, before: &Option<Str>| match said {
        Some(said) if before.as_ref() != Some(said) => Some(own(said)),
        _ => before.clone(),
    };
    let same_or_own = |said: &Str, before: &Str| if said == before { before.clone() } else { own(said) };
    let topics = match &request.topics {
        Some(topics) => topics.iter().map(own).collect::<BTreeSet<Str>>(),
        None => before.topics.clone(),
    };
    MemberMetadata {
        instance_id: newer(&request.instance_id, &before.instance_id),
        rack_id: newer(&request.rack_id, &before.rack_id),
        client_id: same_or_own(&request.client_id, &before.client_id),
        client_host: same_or_own(&request.client_host, &before.client_host),
        topics,
        regex: newer(&request.regex, &before.regex),
        assignor: newer(&request.assignor, &before.assignor),
        rebalance_timeout_ms: if request.rebalance_timeout_ms == -1 {
            before.rebalance_timeout_ms
        } else {
            request.rebalance_timeout_ms
        },
        classic: None,
    }
}

fn without_epochs(assigned: &OwnedPartitions) -> Partitions {
    assigned.iter().map(|(topic, partitions)| (*topic, partitions.keys().copied().collect())).collect()
}

pub(super) fn own(text: &Str) -> Str {
    Str::from(text.to_string())
}
