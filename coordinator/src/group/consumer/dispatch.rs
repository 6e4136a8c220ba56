//! Commands to consumer groups, and to classic groups that become one or were one.

use std::{collections::BTreeMap, sync::Arc};

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    super::{
        Groups,
        classic::ClassicGroup,
        command::{Heartbeat, JoinGroup, LeavingMember, SyncGroup},
        durable::Durable,
        metadata::Metadata,
        record::Record,
        reply::{JoinReply, LeftMember, Refused, Reply, SyncReply},
        settings::{MigrationPolicy, Settings},
        timers::{Timer, Timers},
    },
    ConsumerGroup, HeartbeatReply,
    classic::ClassicJoin,
    convert::upgrade,
    member::{LEAVE_EPOCH, LEAVE_STATIC_EPOCH, Member},
    record::ConsumerRecord,
    request::ConsumerHeartbeat,
    step::{Step, Watch, unknown_member},
};
use crate::{Effects, Ticket};

/// What one record takes in a batch besides its key and value, generously.
const RECORD_OVERHEAD_BYTES: usize = 32;

/// What a heartbeat that joins finds instead of a consumer group.
struct Made {
    group: ConsumerGroup,
    /// Written before what the heartbeat writes.
    records: Vec<Record>,
    is_upgrade: bool,
}

impl Groups {
    pub(in crate::group) fn consumer_heartbeat(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &ConsumerHeartbeat,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let checked = request.check(&self.settings.consumer.assignors);
        let reply = checked.and_then(|()| match request.member_epoch {
            LEAVE_EPOCH | LEAVE_STATIC_EPOCH => self.leave_consumer_group(now, request, &mut effects),
            _ => self.stay_in_consumer_group(now, request, &mut effects),
        });
        if reply.is_err() {
            effects.records.clear();
        }
        effects.replies.push((ticket, Reply::ConsumerHeartbeat(reply)));
        effects
    }

    /// What is decided at once must fit into one batch: nothing may be decided that the log does not take, for then the
    /// whole coordinator would have to be loaded again.
    fn check_size<'a>(&self, records: impl IntoIterator<Item = &'a Record>) -> Result<(), Refused> {
        if batch_bytes(records) <= self.settings.max_batch_bytes {
            return Ok(());
        }
        Err(Refused::new(ErrorCode::UNKNOWN_SERVER_ERROR, "The group is too large for its log."))
    }

    fn stay_in_consumer_group(
        &mut self,
        now: Millis,
        request: &ConsumerHeartbeat,
        effects: &mut Effects<Self>,
    ) -> Result<HeartbeatReply, Refused> {
        let group_id = &request.group_id;
        if self.durable.consumer_group(group_id).is_some() {
            let reply = self.decide(now, group_id, effects, |step| step.heartbeat(request))?;
            return self.check_size(&effects.records).map(|()| reply);
        }
        let made = self.make_consumer_group(group_id, request.member_epoch == 0)?;
        let mut written = Effects::default();
        let (_, around) = self.around();
        let reply = around.decide(now, &made.group, &mut written, |step| step.heartbeat(request))?;
        self.check_size(made.records.iter().chain(&written.records))?;
        // Only now is it sure that there will be such a group.
        if made.is_upgrade {
            self.send_classic_members_away(now, group_id, effects);
            self.watch_upgraded(now, &made.group);
        }
        effects.records.extend(made.records);
        effects.records.append(&mut written.records);
        Ok(reply)
    }

    /// A new group, one in the place of an empty classic one, or one made of a classic one with its members.
    fn make_consumer_group(&self, group_id: &Str, joins: bool) -> Result<Made, Refused> {
        let not_found = |message: String| Err(Refused::new(ErrorCode::GROUP_ID_NOT_FOUND, message));
        let id = Str::from(group_id.to_string());
        let group = ConsumerGroup::new(id.clone());
        let tombstone = Record::Group { group_id: id.clone(), value: None };
        match self.live.get(group_id) {
            None if joins => Ok(Made { group, records: Vec::new(), is_upgrade: false }),
            None => not_found(format!("Consumer group {group_id} not found.")),
            Some(_) if !joins => not_found(format!("Group {group_id} is not a consumer group.")),
            Some(classic) if classic.is_empty() => {
                Ok(Made { group, records: vec![tombstone], is_upgrade: false })
            }
            Some(classic) => {
                let parts = upgrade(classic, &self.settings, &self.metadata)?;
                let mut group = group;
                parts.iter().for_each(|record| group.apply(record));
                let records = std::iter::once(tombstone).chain(of_group(&id, parts)).collect();
                Ok(Made { group, records, is_upgrade: true })
            }
        }
    }

    /// Those who wait in joins and syncs find the consumer group when they come again.
    fn send_classic_members_away(&mut self, now: Millis, group_id: &Str, effects: &mut Effects<Self>) {
        self.with_group(group_id, now, effects, |group, turn| group.send_away(turn));
    }

    fn watch_upgraded(&mut self, now: Millis, group: &ConsumerGroup) {
        for member in group.members() {
            if let Some(classic) = &member.metadata.classic {
                let timer = Timer::ConsumerSession(group.id.clone(), member.id.clone());
                self.timers.set(timer, now.plus(i64::from(classic.session_timeout_ms)));
            }
        }
    }

    fn leave_consumer_group(
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
    fn fence(
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
    fn downgrade(
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

    /// A classic member joins a consumer group.
    pub(in crate::group) fn join_consumer_group(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &JoinGroup,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let reply = if self.settings.consumer.migration == MigrationPolicy::Disabled {
            JoinReply::failed(&Str::new(), ErrorCode::INCONSISTENT_GROUP_PROTOCOL)
        } else {
            let mut written = Effects::default();
            let joined = self.decide(now, &request.group_id, &mut written, |step| step.classic_join(request));
            match joined {
                Ok(ClassicJoin::Joined(_)) if self.check_size(&written.records).is_err() => {
                    JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_SERVER_ERROR)
                }
                Ok(ClassicJoin::Joined(reply)) => {
                    effects.records = written.records;
                    reply
                }
                Ok(ClassicJoin::MemberIdRequired(member_id)) => {
                    JoinReply::failed(&member_id, ErrorCode::MEMBER_ID_REQUIRED)
                }
                Ok(ClassicJoin::Downgrade { reply, member, rebalance }) => {
                    // What was written about the member goes with the group.
                    let change: (&[Member], _) = (&[], Some(&*member));
                    if self.downgrade(now, &request.group_id, change, rebalance, &mut effects) {
                        reply
                    } else {
                        JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_SERVER_ERROR)
                    }
                }
                Err(refused) => JoinReply::failed(&Str::new(), refused.code),
            }
        };
        effects.replies.push((ticket, Reply::Join(reply)));
        effects
    }

    pub(in crate::group) fn sync_consumer_group(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &SyncGroup,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let reply = self.decide(now, &request.group_id, &mut effects, |step| step.classic_sync(request));
        let reply = reply.unwrap_or_else(|refused| SyncReply::failed(refused.code));
        effects.replies.push((ticket, Reply::Sync(reply)));
        effects
    }

    pub(in crate::group) fn heartbeat_consumer_group(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &Heartbeat,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let beat = self.decide(now, &request.group_id, &mut effects, |step| step.classic_heartbeat(request));
        let code = beat.err().map_or(ErrorCode::NONE, |refused| refused.code);
        effects.replies.push((ticket, Reply::Heartbeat(code)));
        effects
    }

    pub(in crate::group) fn leave_consumer_group_classically(
        &mut self,
        now: Millis,
        group_id: &Str,
        leaving: &[LeavingMember],
        effects: &mut Effects<Self>,
    ) -> Vec<LeftMember> {
        let left = self.decide(now, group_id, effects, |step| Ok(step.classic_leave(leaving)));
        let (answers, members) = left.unwrap_or_default();
        let ids: Vec<Str> = members.into_iter().map(|member| member.id).collect();
        let mut room = self.settings.max_batch_bytes / 2;
        self.fence(now, group_id, &ids, &mut room, effects);
        answers
    }

    /// Decides about a group that is there; nothing is written when it is refused.
    fn decide<T>(
        &mut self,
        now: Millis,
        group_id: &str,
        effects: &mut Effects<Self>,
        act: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let (durable, around) = self.around();
        match durable.consumer_group(group_id) {
            Some(group) => around.decide(now, group, effects, act),
            None => Err(unknown_member("", group_id)),
        }
    }

    fn around(&mut self) -> (&Durable, Around<'_>) {
        let around = Around {
            settings: &self.settings,
            metadata: &self.metadata,
            topics_since: self.topics_since,
            watches: &mut self.watches,
            timers: &mut self.timers,
        };
        (&self.durable, around)
    }

    /// What has become due of consumer groups: members to take out, by group, and expressions to resolve.
    pub(in crate::group) fn expire_consumers(
        &mut self,
        now: Millis,
        due: &BTreeMap<Str, Vec<Str>>,
        regexes: Vec<Str>,
        effects: &mut Effects<Self>,
    ) {
        let mut room = self.settings.max_batch_bytes / 2;
        for (group_id, member_ids) in due {
            self.fence(now, group_id, member_ids, &mut room, effects);
        }
        for group_id in regexes {
            if due.contains_key(&group_id) {
                // The group is not yet what it will be: next time.
                self.timers.set(Timer::Regex(group_id), now);
            } else if self.durable.consumer_group(&group_id).is_some() {
                let mut written = Effects::default();
                let resolved = self.decide(now, &group_id, &mut written, |step| {
                    step.resolve_regexes();
                    Ok(())
                });
                // More topics than a batch can name: the expressions stand for what they stood for before.
                if resolved.is_ok() && self.check_size(&written.records).is_ok() {
                    effects.records.append(&mut written.records);
                }
            }
        }
    }

    /// Whether the member's time to give partitions up is over while it still has them.
    pub(in crate::group) fn is_overdue(&self, group_id: &str, member_id: &str) -> bool {
        let group = self.durable.consumer_group(group_id);
        let current = group.and_then(|group| group.current(member_id));
        current.is_some_and(|current| {
            current.state == super::MemberState::UnrevokedPartitions && current.epoch != LEAVE_STATIC_EPOCH
        })
    }

    /// Sessions begin anew for everybody in a group that has just been loaded.
    pub(in crate::group) fn watch_loaded(&mut self, now: Millis) {
        let groups: Vec<Str> = self.durable.consumer_groups().map(|group| group.id.clone()).collect();
        for group_id in groups {
            let mut nothing = Effects::default();
            let _ = self.decide(now, &group_id, &mut nothing, |step| {
                for member in step.group.members() {
                    step.set_timer(Timer::ConsumerSession, &member.id, step.session_timeout_ms());
                    if member.current.state == super::MemberState::UnrevokedPartitions {
                        let timeout_ms = member.metadata.rebalance_timeout_ms;
                        step.set_timer(Timer::ConsumerRebalance, &member.id, timeout_ms);
                    }
                }
                Ok(())
            });
        }
    }

    pub(in crate::group) fn metadata_changed(&mut self, metadata: Arc<Metadata>) {
        if metadata.version < self.metadata.version {
            return;
        }
        if metadata.has_new_topics(&self.metadata) {
            self.topics_since = metadata.version;
        }
        self.metadata = metadata;
    }

    /// Describes consumer groups, in the order asked.
    pub(in crate::group) fn describe_consumer_groups(&self, group_ids: Vec<Str>) -> Reply {
        let describe = |group_id: Str| {
            let missing = || {
                let message = if self.live.contains_key(&group_id) {
                    format!("Group {group_id} is not a consumer group.")
                } else {
                    format!("Group {group_id} not found.")
                };
                Refused::new(ErrorCode::GROUP_ID_NOT_FOUND, message)
            };
            let group = self.durable.consumer_group(&group_id).ok_or_else(missing);
            let described = group.map(|group| group.describe(&self.settings, &self.metadata));
            (group_id, described)
        };
        Reply::DescribeConsumer(group_ids.into_iter().map(describe).collect())
    }

    /// Tombstones for a consumer group.
    pub(in crate::group) fn consumer_obituary(&self, group_id: &str) -> Vec<Record> {
        let group = self.durable.consumer_group(group_id);
        group.map(|group| of_group(&group.id, group.obituary()).collect()).unwrap_or_default()
    }
}

/// What a decision about one group sees beside the group.
struct Around<'a> {
    settings: &'a Settings,
    metadata: &'a Metadata,
    topics_since: i64,
    watches: &'a mut BTreeMap<Str, Watch>,
    timers: &'a mut Timers,
}

impl Around<'_> {
    fn decide<T>(
        self,
        now: Millis,
        group: &ConsumerGroup,
        effects: &mut Effects<Groups>,
        act: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let mut watch = self.watches.get(&group.id).copied().unwrap_or_default();
        let mut step = Step {
            now,
            settings: self.settings,
            metadata: self.metadata,
            group,
            watch: &mut watch,
            timers: self.timers,
            topics_since: self.topics_since,
            records: Vec::new(),
        };
        let value = act(&mut step)?;
        effects.records.extend(step.into_records());
        self.watches.insert(group.id.clone(), watch);
        Ok(value)
    }
}

/// What records take in a batch, generously.
fn batch_bytes<'a>(records: impl IntoIterator<Item = &'a Record>) -> usize {
    let bytes = |record: &Record| {
        let pair = record.encode().ok().flatten();
        pair.map_or(0, |(key, value)| {
            key.len() + value.map_or(0, |value| value.len()) + RECORD_OVERHEAD_BYTES
        })
    };
    records.into_iter().map(bytes).sum()
}

fn of_group(group_id: &Str, records: Vec<ConsumerRecord>) -> impl Iterator<Item = Record> {
    let group_id = group_id.clone();
    records.into_iter().map(move |record| Record::Consumer { group_id: group_id.clone(), record })
}
