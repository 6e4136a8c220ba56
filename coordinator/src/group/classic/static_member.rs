use super::super::{
    command::JoinGroup,
    reply::{JoinReply, Reply, SyncReply},
};
use super::{ClassicGroup, State, Turn};
use crate::Ticket;
use ottla_types::{ErrorCode, Str};

impl ClassicGroup {
    /// A static member comes back under a new member id (`ids`: old, new): a restart. Whoever used the old id is fenced.
    /// In a stable group whose protocol stays the same nothing else happens: the new one takes over the assignment.
    pub(super) fn replace_static_member(
        &mut self,
        turn: &mut Turn<'_>,
        ticket: Ticket,
        request: &JoinGroup,
        ids: (&Str, Str),
    ) {
        let (old_id, new_id) = ids;
        let old_leader = self.leader.clone();
        self.take_over(turn, old_id, &new_id);
        let request = JoinGroup { member_id: new_id.clone(), ..request.clone() };
        match self.state {
            State::Stable => {
                self.wait_in_join(turn, ticket, &request);
                if self.select_protocol() == self.protocol {
                    self.resume(turn, &request, old_leader);
                } else {
                    self.prepare_rebalance(turn);
                }
            }
            State::CompletingRebalance => {
                self.wait_in_join(turn, ticket, &request);
                self.prepare_rebalance(turn);
            }
            State::PreparingRebalance => {
                self.wait_in_join(turn, ticket, &request);
                self.maybe_complete_join(turn);
            }
            // A static member cannot be in an empty group.
            State::Empty => {
                turn.reply(ticket, Reply::Join(JoinReply::failed(&new_id, ErrorCode::UNKNOWN_MEMBER_ID)))
            }
        }
    }

    fn take_over(&mut self, turn: &mut Turn<'_>, old_id: &Str, new_id: &Str) {
        let fenced = JoinReply::failed(old_id, ErrorCode::FENCED_INSTANCE_ID);
        self.answer_join(turn, old_id, fenced);
        self.answer_sync(turn, old_id, SyncReply::failed(ErrorCode::FENCED_INSTANCE_ID));
        turn.timers.cancel(&self.session_timer(old_id));
        let Some(mut member) = self.members.remove(old_id) else { return };
        member.id = new_id.clone();
        member.is_new = false;
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), new_id.clone());
        }
        if self.is_leader(old_id) {
            self.leader = Some(new_id.clone());
        }
        if self.pending_sync.remove(old_id) {
            self.pending_sync.insert(new_id.clone());
        }
        self.members.insert(new_id.clone(), member);
        self.restart_session(turn, new_id);
    }

    /// Answers a returned static member out of the running generation, once its new id is in the log.
    fn resume(&mut self, turn: &mut Turn<'_>, request: &JoinGroup, old_leader: Option<Str>) {
        self.read_subscriptions();
        turn.effects.records.push(self.record());
        let mut reply = self.joined_reply(&request.member_id);
        if request.supports_skip_assignment {
            reply.skip_assignment = self.is_leader(&request.member_id);
        } else {
            // An old client that saw itself as leader would assign anew: it is shown the id it had before.
            reply.members = Vec::new();
            reply.leader = old_leader.unwrap_or_default();
        }
        self.answer_join(turn, &request.member_id, reply);
    }
}
