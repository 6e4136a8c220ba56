//! Members of the classic protocol in a consumer group: they join, sync and send heartbeats as ever, and the coordinator
//! plays the other members for them.

use ottla_types::{ErrorCode, Str};

use super::{
    super::{
        command::{Heartbeat, JoinGroup, LeavingMember, Protocol, SyncGroup},
        reply::{JoinReply, LeftMember, Refused, SyncReply},
        timers::Timer,
    },
    Subscriptions,
    embedded::{owned_of, read_subscription, write_assignment},
    heartbeat::own,
    member::Member,
    record::{ClassicMetadata, MemberMetadata, MemberState},
    step::Step,
};

/// The only protocol type a consumer group takes.
const CONSUMER: &str = "consumer";

/// How a join ends.
pub(in crate::group) enum ClassicJoin {
    /// The member is in.
    Joined(JoinReply),
    /// It must come again with this id.
    MemberIdRequired(Str),
    /// It was the last but for classic members: the group becomes a classic one, in which it is this member.
    Downgrade {
        /// The answer.
        reply: JoinReply,
        /// The member.
        member: Box<Member>,
        /// Somebody has not got what it is to have: the classic group begins with a rebalance.
        rebalance: bool,
    },
}

impl Step<'_> {
    pub(in crate::group) fn classic_join(&mut self, request: &JoinGroup) -> Result<ClassicJoin, Refused> {
        let is_unknown = request.member_id.is_empty();
        let member_id =
            if is_unknown { Str::from(request.fresh_id.to_string()) } else { request.member_id.clone() };
        self.check_room(&member_id)?;
        let subscription = self.check_classic_join(request, &member_id)?;
        if request.requires_known_member_id && is_unknown && request.instance_id.is_none() {
            return Ok(ClassicJoin::MemberIdRequired(member_id));
        }
        let holder = request.instance_id.as_ref().and_then(|id| self.group.static_member(id));
        let before = match (&request.instance_id, &holder) {
            (None, _) => self.dynamic_member(&member_id, true)?,
            (Some(instance_id), _) if !is_unknown => self.static_member(&member_id, instance_id)?,
            (Some(_), Some(holder)) => self.replace_static_member(holder, &member_id),
            (Some(_), None) => self.dynamic_member(&member_id, true)?,
        };
        let mut member = before.clone();
        let said =
            classic_said(&before.metadata, request, &subscription.topics, subscription.rack_id.as_ref());
        let topics_changed = self.update_metadata(&mut member, said);
        let regex = self.update_regex(&before, &member)?;
        let changed = topics_changed || regex.changed;
        let mut group_epoch = self.group.epoch();
        if changed || self.is_stale() {
            let subscriptions = Subscriptions::with_change(self.group, &before, &member);
            group_epoch = self.update_epoch(changed, &subscriptions);
        }
        let owned = owned_of(&subscription, self.metadata);
        let downgrades = holder.is_some_and(|holder| self.may_downgrade_replacing(&holder));
        let rebalance = downgrades && self.group.target_epoch() < group_epoch;
        if !rebalance {
            let target = if downgrades {
                self.last_target(&member)
            } else {
                self.update_target(group_epoch, &before, &member)?
            };
            self.reconcile(&mut member, &target, changed, Some(&owned))?;
        }
        let reply = joined(&member, request);
        if downgrades {
            return Ok(ClassicJoin::Downgrade { reply, member: Box::new(member), rebalance });
        }
        self.cancel_timer(Timer::ConsumerJoin, &member.id);
        self.set_timer(Timer::ConsumerSession, &member.id, request.session_timeout_ms);
        self.set_timer(Timer::ConsumerSync, &member.id, request.rebalance_timeout_ms);
        Ok(ClassicJoin::Joined(reply))
    }

    /// Whether somebody with these protocols can be in the group, and what it wants.
    fn check_classic_join(
        &self,
        request: &JoinGroup,
        member_id: &str,
    ) -> Result<
        ottla_wire::consumer_protocol::consumer_protocol_subscription::ConsumerProtocolSubscription,
        Refused,
    > {
        let classic: Vec<&ClassicMetadata> =
            self.group.metadata.values().filter_map(|metadata| metadata.classic.as_ref()).collect();
        let supported_by_all = |protocol: &Protocol| {
            classic.iter().all(|other| other.protocols.iter().any(|own| own.name == protocol.name))
        };
        if *request.protocol_type != *CONSUMER || !request.protocols.iter().any(supported_by_all) {
            let message = format!("Member {member_id}'s protocols are not supported.");
            return Err(Refused::new(ErrorCode::INCONSISTENT_GROUP_PROTOCOL, message));
        }
        let first = request.protocols.first().and_then(|protocol| read_subscription(&protocol.metadata));
        first.ok_or_else(|| {
            let message = "Malformed embedded consumer protocol in subscription deserialization.";
            Refused::new(ErrorCode::UNKNOWN_SERVER_ERROR, message)
        })
    }

    /// The answer to a sync: what the member has.
    pub(in crate::group) fn classic_sync(&mut self, request: &SyncGroup) -> Result<SyncReply, Refused> {
        let member = self.classic_member(&request.member_id, request.instance_id.as_ref())?;
        check_generation(&member, request.generation)?;
        let protocol = first_protocol(&member).cloned().unwrap_or_default();
        let other_type = request.protocol_type.as_deref().is_some_and(|name| name != CONSUMER);
        if other_type || request.protocol_name.as_ref().is_some_and(|name| *name != protocol.name) {
            let message = "The protocol of the request is not equal to the one of the member.";
            return Err(Refused::new(ErrorCode::INCONSISTENT_GROUP_PROTOCOL, message));
        }
        let unrevoked = member.current.state == MemberState::UnrevokedPartitions;
        if self.group.target_epoch() > member.epoch() && !unrevoked {
            self.expect_join(&member);
            let message = "A new rebalance is triggered and the member should rejoin to catch up.";
            return Err(Refused::new(ErrorCode::REBALANCE_IN_PROGRESS, message));
        }
        self.cancel_timer(Timer::ConsumerSync, &member.id);
        self.restart_classic_session(&member);
        let topics = member.current.assigned.iter();
        let topics = topics.map(|(topic, partitions)| (*topic, partitions.keys().copied().collect()));
        let assignment = write_assignment(topics, &protocol.metadata, self.metadata);
        Ok(SyncReply {
            error: ErrorCode::NONE,
            protocol_type: request.protocol_type.clone(),
            protocol_name: request.protocol_name.clone(),
            assignment: assignment.unwrap_or_default(),
        })
    }

    /// Whether a classic member may go on as it is, or has to join again.
    pub(in crate::group) fn classic_heartbeat(&mut self, request: &Heartbeat) -> Result<(), Refused> {
        let member = self.classic_member(&request.member_id, request.instance_id.as_ref())?;
        check_generation(&member, request.generation)?;
        self.restart_classic_session(&member);
        let state = member.current.state;
        let released = state == MemberState::UnreleasedPartitions && !self.waits_for_others(&member);
        let behind = member.epoch() < self.group.target_epoch();
        if behind || released || state == MemberState::UnrevokedPartitions {
            self.expect_join(&member);
            return Err(Refused::new(ErrorCode::REBALANCE_IN_PROGRESS, ""));
        }
        Ok(())
    }

    /// Something the member is to have is still with somebody else.
    fn waits_for_others(&self, member: &Member) -> bool {
        let target = self.group.target(&member.id).into_iter().flatten();
        let mut missing = target.flat_map(|(topic, partitions)| {
            let has = member.current.assigned.get(topic);
            let missing =
                partitions.iter().filter(move |index| has.is_none_or(|has| !has.contains_key(index)));
            missing.map(|index| (*topic, *index))
        });
        missing.any(|(topic, index)| self.group.is_owned(topic, index))
    }

    /// Who leaves by a classic request, with an answer for each.
    pub(in crate::group) fn classic_leave(
        &self,
        leaving: &[LeavingMember],
    ) -> (Vec<LeftMember>, Vec<Member>) {
        let mut answers = Vec::with_capacity(leaving.len());
        let mut members: Vec<Member> = Vec::new();
        for one in leaving {
            let found = match &one.instance_id {
                None => self.dynamic_member(&one.member_id, false),
                Some(instance_id) => {
                    let holder = self.group.static_member(instance_id).map(|holder| holder.id);
                    let named = if one.member_id.is_empty() { holder } else { None };
                    self.static_member(named.as_ref().unwrap_or(&one.member_id), instance_id)
                }
            };
            answers.push(LeftMember {
                member_id: one.member_id.clone(),
                instance_id: one.instance_id.clone(),
                error: found.as_ref().err().map_or(ErrorCode::NONE, |refused| refused.code),
            });
            if let Ok(member) = found
                && members.iter().all(|known| known.id != member.id)
            {
                members.push(member);
            }
        }
        (answers, members)
    }

    fn classic_member(&self, member_id: &Str, instance_id: Option<&Str>) -> Result<Member, Refused> {
        let member = match instance_id {
            None => self.dynamic_member(member_id, false)?,
            Some(instance_id) => self.static_member(member_id, instance_id)?,
        };
        if member.uses_classic_protocol() {
            return Ok(member);
        }
        let message = format!("Member {member_id} does not use the classic protocol.");
        Err(Refused::new(ErrorCode::UNKNOWN_MEMBER_ID, message))
    }

    fn restart_classic_session(&mut self, member: &Member) {
        if let Some(classic) = &member.metadata.classic {
            self.set_timer(Timer::ConsumerSession, &member.id, classic.session_timeout_ms);
        }
    }

    /// The member has been told to join again; it has its rebalance timeout for that, from the first time on.
    fn expect_join(&mut self, member: &Member) {
        if !self.timers.is_set(&Timer::ConsumerJoin(self.group.id.clone(), member.id.clone())) {
            self.set_timer(Timer::ConsumerJoin, &member.id, member.metadata.rebalance_timeout_ms);
        }
    }
}

fn check_generation(member: &Member, generation: i32) -> Result<(), Refused> {
    if member.epoch() == generation {
        return Ok(());
    }
    let message = format!(
        "The request generation id {generation} is not equal to the member epoch {} of member {}.",
        member.epoch(),
        member.id
    );
    Err(Refused::new(ErrorCode::ILLEGAL_GENERATION, message))
}

fn first_protocol(member: &Member) -> Option<&Protocol> {
    member.metadata.classic.as_ref()?.protocols.first()
}

fn classic_said(
    before: &MemberMetadata,
    request: &JoinGroup,
    topics: &[Str],
    rack_id: Option<&Str>,
) -> MemberMetadata {
    let protocol = |protocol: &Protocol| Protocol {
        name: own(&protocol.name),
        metadata: bytes::Bytes::copy_from_slice(&protocol.metadata),
    };
    let rack_id = rack_id.filter(|rack| !rack.is_empty()).map(own);
    MemberMetadata {
        instance_id: request.instance_id.as_ref().map(own).or_else(|| before.instance_id.clone()),
        rack_id: rack_id.or_else(|| before.rack_id.clone()),
        client_id: own(&request.client_id),
        client_host: own(&request.client_host),
        topics: topics.iter().map(own).collect(),
        regex: Some(Str::new()),
        assignor: before.assignor.clone(),
        rebalance_timeout_ms: if request.rebalance_timeout_ms == -1 {
            before.rebalance_timeout_ms
        } else {
            request.rebalance_timeout_ms
        },
        classic: Some(ClassicMetadata {
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols.iter().map(protocol).collect(),
        }),
    }
}

fn joined(member: &Member, request: &JoinGroup) -> JoinReply {
    JoinReply {
        error: ErrorCode::NONE,
        generation: member.epoch(),
        protocol_type: Some(Str::from_static(CONSUMER)),
        protocol_name: request.protocols.first().map(|protocol| protocol.name.clone()),
        leader: Str::new(),
        skip_assignment: false,
        member_id: member.id.clone(),
        members: Vec::new(),
    }
}
