//! What operators ask: describe, list, delete groups.

use super::{
    Groups,
    classic::Member,
    codec::own,
    command::ListGroups,
    record::{OffsetKey, Record},
    reply::{DescribedGroup, DescribedMember, GroupState, ListedGroup, Reply},
};
use crate::{Effects, Ticket};
use ottla_types::{ErrorCode, Str};
use std::collections::BTreeSet;

impl Groups {
    /// Describes groups, in the order asked.
    #[must_use]
    pub fn describe_groups(&self, group_ids: &[Str]) -> Vec<DescribedGroup> {
        group_ids.iter().map(|group_id| self.describe(group_id)).collect()
    }

    fn describe(&self, group_id: &Str) -> DescribedGroup {
        let group = self.live.get(group_id);
        let protocol = group.filter(|group| group.is_stable()).and_then(|group| group.protocol.clone());
        let members = group.into_iter().flat_map(|group| group.members.values());
        DescribedGroup {
            group_id: group_id.clone(),
            state: group.map(|group| group.state),
            is_of_other_type: self.durable.consumer_group(group_id).is_some(),
            protocol_type: group.and_then(|group| group.protocol_type.clone()).unwrap_or_default(),
            members: members.map(|member| describe_member(member, protocol.as_ref())).collect(),
            protocol: protocol.unwrap_or_default(),
        }
    }

    /// Lists groups by name.
    #[must_use]
    pub fn list_groups(&self, request: &ListGroups) -> Vec<ListedGroup> {
        let among = |names: &Option<Vec<Str>>, name: &str| {
            names.as_ref().is_none_or(|names| names.iter().any(|asked| asked.eq_ignore_ascii_case(name)))
        };
        let wanted = |group: &ListedGroup| {
            among(&request.states, group.state.name()) && among(&request.types, group.state.type_name())
        };
        let classic = self.live.values().map(|group| ListedGroup {
            group_id: group.id.clone(),
            protocol_type: group.protocol_type.clone().unwrap_or_default(),
            state: GroupState::Classic(group.state),
        });
        let consumer = self.durable.consumer_groups().map(|group| ListedGroup {
            group_id: group.id.clone(),
            protocol_type: Str::from_static("consumer"),
            state: GroupState::Consumer(group.state()),
        });
        let mut listed: Vec<ListedGroup> = classic.chain(consumer).filter(wanted).collect();
        listed.sort_by(|one, other| one.group_id.cmp(&other.group_id));
        listed
    }

    pub(super) fn delete_groups(&mut self, ticket: Ticket, group_ids: Vec<Str>) -> Effects<Self> {
        let mut effects = Effects::default();
        let mut codes = Vec::with_capacity(group_ids.len());
        for group_id in group_ids {
            let is_empty = match (self.live.get(&group_id), self.durable.consumer_group(&group_id)) {
                (_, Some(group)) => Some(group.is_empty()),
                (Some(group), None) => Some(group.is_empty()),
                (None, None) => None,
            };
            let error = match is_empty {
                None => ErrorCode::GROUP_ID_NOT_FOUND,
                Some(false) => ErrorCode::NON_EMPTY_GROUP,
                Some(true) => {
                    effects.records.extend(self.obituary(&own(&group_id)));
                    ErrorCode::NONE
                }
            };
            codes.push((group_id, error));
        }
        effects.replies.push((ticket, Reply::DeleteGroups(codes)));
        effects
    }

    /// Tombstones for all that is known of a group, its own last.
    fn obituary(&self, group_id: &Str) -> Vec<Record> {
        let committed =
            self.durable.offsets_of(group_id).into_iter().flatten().flat_map(|(topic, partitions)| {
                partitions.keys().map(|partition| OffsetKey {
                    group_id: group_id.clone(),
                    topic: topic.clone(),
                    partition: *partition,
                })
            });
        let keys: BTreeSet<OffsetKey> = committed.chain(self.durable.pending_of(group_id).cloned()).collect();
        let mut records: Vec<Record> = keys.into_iter().map(Record::forget).collect();
        if self.durable.consumer_group(group_id).is_some() {
            records.extend(self.consumer_obituary(group_id));
        } else {
            records.push(Record::Group { group_id: group_id.clone(), value: None });
        }
        records
    }
}

/// Only a stable group shows metadata: before that there is no protocol. Assignments are the last ones made.
fn describe_member(member: &Member, protocol: Option<&Str>) -> DescribedMember {
    DescribedMember {
        member_id: member.id.clone(),
        instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        metadata: protocol.map(|protocol| member.metadata(protocol)).unwrap_or_default(),
        assignment: member.assignment.clone(),
    }
}
