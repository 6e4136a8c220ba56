use super::super::{
    command::Protocol,
    record::{PersistedGroup, PersistedMember, Record},
};
use super::{ClassicGroup, Member, State, Subscribed, Turn};
use ottla_types::{Millis, Str};
use std::collections::{BTreeMap, BTreeSet};

impl ClassicGroup {
    /// The record of the generation as it stands, with every member's assignment.
    pub(in crate::group) fn record(&self) -> Record {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let persisted = |member: &Member| PersistedMember {
            member_id: member.id.clone(),
            instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: member.session_timeout_ms,
            subscription: member.metadata(protocol),
            assignment: member.assignment.clone(),
        };
        let value = PersistedGroup {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            state_timestamp: self.state_since.map_or(-1, |since| since.0),
            members: self.members.values().map(persisted).collect(),
        };
        Record::Group { group_id: self.id.clone(), value: Some(value) }
    }

    /// The record of a group that has just been created.
    pub(in crate::group) fn empty_record(&self) -> Record {
        let value = PersistedGroup {
            protocol_type: Str::new(),
            generation: 0,
            protocol: None,
            leader: None,
            state_timestamp: self.state_since.map_or(-1, |since| since.0),
            members: Vec::new(),
        };
        Record::Group { group_id: self.id.clone(), value: Some(value) }
    }

    /// The group as it was when its last record was written.
    pub(in crate::group) fn from_persisted(id: Str, value: &PersistedGroup) -> Self {
        let protocol_type = Some(value.protocol_type.clone()).filter(|text| !text.is_empty());
        let restored = |member: &PersistedMember| {
            let name = value.protocol.clone().unwrap_or_default();
            let rebalance_timeout_ms = if member.rebalance_timeout_ms == -1 {
                member.session_timeout_ms
            } else {
                member.rebalance_timeout_ms
            };
            Member {
                id: member.member_id.clone(),
                instance_id: member.instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                rebalance_timeout_ms,
                session_timeout_ms: member.session_timeout_ms,
                protocol_type: value.protocol_type.clone(),
                protocols: vec![Protocol { name, metadata: member.subscription.clone() }],
                assignment: member.assignment.clone(),
                is_new: false,
                join_ticket: None,
                sync_ticket: None,
            }
        };
        let members: BTreeMap<Str, Member> =
            value.members.iter().map(|member| (member.member_id.clone(), restored(member))).collect();
        let static_member =
            |member: &Member| member.instance_id.clone().map(|instance_id| (instance_id, member.id.clone()));
        let mut group = Self {
            id,
            state: if members.is_empty() { State::Empty } else { State::Stable },
            generation: value.generation,
            protocol_type,
            protocol: value.protocol.clone(),
            leader: value
                .leader
                .clone()
                .filter(|leader| members.contains_key(leader))
                .or_else(|| members.keys().next().cloned()),
            static_members: members.values().filter_map(static_member).collect(),
            members,
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            subscribed: Subscribed::Unknown,
            state_since: Some(value.state_timestamp).filter(|since| *since != -1).map(Millis),
            from_empty: false,
            initial_wait: None,
        };
        group.read_subscriptions();
        group
    }

    /// The coordinator has just been loaded: members have a full session to show up.
    pub(in crate::group) fn on_loaded(&mut self, turn: &mut Turn<'_>) {
        for member_id in self.members.keys() {
            self.restart_session(turn, member_id);
        }
        // `group.max.size` may have been lowered meanwhile: let members commit and come back as far as there is room.
        if self.members.len() > turn.settings.max_group_size {
            self.prepare_rebalance(turn);
        }
    }
}
