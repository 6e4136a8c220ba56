use super::super::{
    command::SyncGroup,
    reply::{Reply, SyncReply},
    timers::Timer,
};
use super::{ClassicGroup, State, Turn};
use crate::Ticket;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};
use std::collections::HashMap;

/// What one member adds to the group's record besides its strings, generously.
const MEMBER_OVERHEAD_BYTES: usize = 64;

impl ClassicGroup {
    pub(in crate::group) fn sync(&mut self, turn: &mut Turn<'_>, ticket: Ticket, request: &SyncGroup) {
        if let Err(error) = self.check_sync(request) {
            return turn.reply(ticket, Reply::Sync(SyncReply::failed(error)));
        }
        match self.state {
            State::CompletingRebalance => {
                self.wait_in_sync(turn, ticket, &request.member_id);
                self.synced(turn, &request.member_id);
                if self.is_leader(&request.member_id) {
                    self.assign(turn, &request.assignments);
                }
            }
            State::Stable => {
                self.synced(turn, &request.member_id);
                turn.reply(ticket, Reply::Sync(self.assignment_reply(&request.member_id)));
            }
            State::PreparingRebalance | State::Empty => {
                turn.reply(ticket, Reply::Sync(SyncReply::failed(ErrorCode::REBALANCE_IN_PROGRESS)));
            }
        }
    }

    fn check_sync(&self, request: &SyncGroup) -> Result<(), ErrorCode> {
        self.check_member(&request.member_id, request.instance_id.as_ref())?;
        if request.generation != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        let differs =
            |asked: &Option<Str>, ours: &Option<Str>| asked.is_some() && ours.is_some() && asked != ours;
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        Ok(())
    }

    fn wait_in_sync(&mut self, turn: &mut Turn<'_>, ticket: Ticket, member_id: &str) {
        let before = self.members.get_mut(member_id).and_then(|member| member.sync_ticket.replace(ticket));
        if let Some(before) = before {
            turn.reply(before, Reply::Sync(SyncReply::failed(ErrorCode::REBALANCE_IN_PROGRESS)));
        }
    }

    fn synced(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        self.pending_sync.remove(member_id);
        if self.pending_sync.is_empty() {
            turn.timers.cancel(&Timer::Sync(self.id.clone()));
        }
    }

    fn assignment_reply(&self, member_id: &str) -> SyncReply {
        SyncReply {
            error: ErrorCode::NONE,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            assignment: self
                .members
                .get(member_id)
                .map(|member| member.assignment.clone())
                .unwrap_or_default(),
        }
    }

    /// The leader has decided: the generation is written down and is stable from then on. Members the leader forgot
    /// get an empty assignment.
    fn assign(&mut self, turn: &mut Turn<'_>, assignments: &[(Str, Bytes)]) {
        let by_member: HashMap<&str, &Bytes> =
            assignments.iter().map(|(member_id, bytes)| (&**member_id, bytes)).collect();
        for member in self.members.values_mut() {
            member.assignment =
                by_member.get(&*member.id).map(|bytes| Bytes::copy_from_slice(bytes)).unwrap_or_default();
        }
        if self.record_bytes() > turn.settings.max_batch_bytes {
            self.fail_syncs(turn, ErrorCode::UNKNOWN_SERVER_ERROR);
            return self.prepare_rebalance(turn);
        }
        turn.effects.records.push(self.record());
        self.move_to(State::Stable, turn.now);
        for member_id in self.member_ids() {
            let reply = self.assignment_reply(&member_id);
            if self.answer_sync(turn, &member_id, reply) {
                self.restart_session(turn, &member_id);
            }
        }
    }

    fn record_bytes(&self) -> usize {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let member_bytes = self.members.values().map(|member| {
            let strings = member.id.len()
                + member.client_id.len()
                + member.client_host.len()
                + member.instance_id.as_ref().map_or(0, |id| id.len());
            strings + member.metadata(protocol).len() + member.assignment.len() + MEMBER_OVERHEAD_BYTES
        });
        self.id.len() * 2 + member_bytes.sum::<usize>()
    }
}
