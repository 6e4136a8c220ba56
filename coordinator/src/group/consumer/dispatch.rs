//! Commands to consumer groups, and to classic groups that become one or were one.

use std::{collections::BTreeMap, sync::Arc};

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    super::{
        Groups,
        metadata::Metadata,
        record::Record,
        reply::{Refused, Reply},
        timers::Timer,
    },
    ConsumerGroup, HeartbeatReply,
    convert::upgrade,
    decide::of_group,
    member::{LEAVE_EPOCH, LEAVE_STATIC_EPOCH},
    request::ConsumerHeartbeat,
};
use crate::{Effects, Ticket};

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
