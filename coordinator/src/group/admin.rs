//! What operators ask: describe, list, delete groups.

use super::{
    Groups,
    classic::{ClassicGroup, Member},
    command::ListGroups,
    record::{OffsetKey, Record},
    reply::{DescribedGroup, DescribedMember, ListedGroup, Reply},
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
            protocol_type: group.and_then(|group| group.protocol_type.clone()).unwrap_or_default(),
            members: members.map(|member| describe_member(member, protocol.as_ref())).collect(),
            protocol: protocol.unwrap_or_default(),
        }
    }

    /// Lists groups by name.
    #[must_use]
    pub fn list_groups(&self, request: &ListGroups) -> Vec<ListedGroup> {
        let wanted = |group: &&ClassicGroup| {
            request.states.as_ref().is_none_or(|states| states.contains(&group.state))
        };
        let listed = |group: &ClassicGroup| ListedGroup {
            group_id: group.id.clone(),
            protocol_type: group.protocol_type.clone().unwrap_or_default(),
            state: group.state,
        };
        self.live.values().filter(wanted).map(listed).collect()
    }

    pub(super) fn delete_groups(&mut self, ticket: Ticket, group_ids: Vec<Str>) -> Effects<Self> {
        let mut effects = Effects::default();
        let mut codes = Vec::with_capacity(group_ids.len());
        for group_id in group_ids {
            let error = match self.live.get(&group_id) {
                None => ErrorCode::GROUP_ID_NOT_FOUND,
                Some(group) if !group.is_empty() => ErrorCode::NON_EMPTY_GROUP,
                Some(group) => {
                    effects.records.extend(self.obituary(&group.id));
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
        records.push(Record::Group { group_id: group_id.clone(), value: None });
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
