use super::super::{
    command::{JoinGroup, Protocol},
    reply::{JoinReply, Reply},
    timers::Timer,
};
use super::{ClassicGroup, Member, State, Turn, member::own};
use crate::Ticket;
use ottla_types::{ErrorCode, Str, Uuid};
use std::fmt::Write;

/// Protocols one member may offer; clients offer a handful. Choosing one looks at all pairs of members' protocols.
const MAX_PROTOCOLS: usize = 100;
/// Ids given out with MEMBER_ID_REQUIRED that have not come back yet, per group.
const MAX_PENDING_MEMBERS: usize = 10_000;

impl ClassicGroup {
    pub(in crate::group) fn join(&mut self, turn: &mut Turn<'_>, ticket: Ticket, request: JoinGroup) {
        if !self.has_room_for(&request.member_id, turn.settings.max_group_size) {
            let member_id = request.member_id;
            self.remove_member(turn, &member_id);
            return turn.reply(
                ticket,
                Reply::Join(JoinReply::failed(&Str::new(), ErrorCode::GROUP_MAX_SIZE_REACHED)),
            );
        }
        let names = request.protocols.iter().map(|protocol| &protocol.name);
        let too_many = request.protocols.len() > MAX_PROTOCOLS;
        if too_many || !self.supports_protocols(&request.protocol_type, names) {
            let reply = JoinReply::failed(&request.member_id, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
            return turn.reply(ticket, Reply::Join(reply));
        }
        if brought(&request) > turn.settings.max_batch_bytes {
            // It could never be written to the group's log, and would be held until then.
            let reply = JoinReply::failed(&request.member_id, ErrorCode::INVALID_REQUEST);
            return turn.reply(ticket, Reply::Join(reply));
        }
        if !request.member_id.is_empty() {
            return self.rejoin(turn, ticket, &request);
        }
        let member_id = fresh_member_id(&request);
        let holder =
            request.instance_id.as_ref().map(|instance_id| self.static_members.get(instance_id).cloned());
        match holder {
            Some(Some(old)) => self.replace_static_member(turn, ticket, &request, (&old, member_id)),
            None if request.requires_known_member_id => {
                self.require_member_id(turn, ticket, &request, member_id)
            }
            Some(None) | None => self.add(turn, ticket, &request, member_id),
        }
    }

    /// Somebody with an id joins: one who got it a moment ago, or a member.
    fn rejoin(&mut self, turn: &mut Turn<'_>, ticket: Ticket, request: &JoinGroup) {
        let member_id = &request.member_id;
        if self.pending_join.contains(member_id) {
            if request.instance_id.is_some() {
                // Only dynamic members are given ids this way; Kafka fails with an internal error here.
                return turn.reply(
                    ticket,
                    Reply::Join(JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_SERVER_ERROR)),
                );
            }
            return self.add(turn, ticket, request, own(member_id));
        }
        if let Err(error) = self.check_member(member_id, request.instance_id.as_ref()) {
            return turn.reply(ticket, Reply::Join(JoinReply::failed(member_id, error)));
        }
        let unchanged = self
            .members
            .get(member_id)
            .is_some_and(|member| same_protocols(&member.protocols, &request.protocols));
        match self.state {
            // A lost answer: the member asks again for the generation that runs.
            State::CompletingRebalance if unchanged => {
                turn.reply(ticket, Reply::Join(self.joined_reply(member_id)))
            }
            State::Stable if unchanged && !self.is_leader(member_id) => {
                turn.reply(ticket, Reply::Join(self.joined_reply(member_id)))
            }
            // The leader may have seen a change in the topics: it always gets a rebalance.
            State::PreparingRebalance | State::CompletingRebalance | State::Stable => {
                self.wait_in_join(turn, ticket, request);
                self.rebalance_or_complete(turn);
            }
            State::Empty => {
                turn.reply(ticket, Reply::Join(JoinReply::failed(member_id, ErrorCode::UNKNOWN_MEMBER_ID)))
            }
        }
    }

    /// Keeps what a member says and the ticket it waits with. An older join of the same member is over: its
    /// connection is gone, or it has given up.
    pub(super) fn wait_in_join(&mut self, turn: &mut Turn<'_>, ticket: Ticket, request: &JoinGroup) {
        let Some(member) = self.members.get_mut(&request.member_id) else { return };
        member.update(request);
        let before = member.join_ticket.replace(ticket);
        if let Some(before) = before {
            let reply = JoinReply::failed(&request.member_id, ErrorCode::REBALANCE_IN_PROGRESS);
            turn.reply(before, Reply::Join(reply));
        }
    }

    fn require_member_id(
        &mut self,
        turn: &mut Turn<'_>,
        ticket: Ticket,
        request: &JoinGroup,
        member_id: Str,
    ) {
        if self.pending_join.len() >= MAX_PENDING_MEMBERS {
            let reply = JoinReply::failed(&Str::new(), ErrorCode::GROUP_MAX_SIZE_REACHED);
            return turn.reply(ticket, Reply::Join(reply));
        }
        turn.timers
            .set(Timer::Session(self.id.clone(), member_id.clone()), turn.after(request.session_timeout_ms));
        turn.reply(ticket, Reply::Join(JoinReply::failed(&member_id, ErrorCode::MEMBER_ID_REQUIRED)));
        self.pending_join.insert(member_id);
    }

    fn add(&mut self, turn: &mut Turn<'_>, ticket: Ticket, request: &JoinGroup, member_id: Str) {
        self.note_join_in_initial_wait();
        let mut member = Member::new(member_id.clone(), request);
        member.join_ticket = Some(ticket);
        self.add_member(member);
        turn.timers.set(
            Timer::Session(self.id.clone(), member_id),
            turn.after(turn.settings.new_member_join_timeout_ms),
        );
        self.rebalance_or_complete(turn);
    }

    /// `group.max.size`. While joining, those who have come count; members who come back always have their place after.
    fn has_room_for(&self, member_id: &str, max_size: usize) -> bool {
        match self.state {
            State::Empty => true,
            State::PreparingRebalance => {
                self.members.get(member_id).is_some_and(Member::awaits_join) || self.joining() < max_size
            }
            State::CompletingRebalance | State::Stable => {
                self.members.contains_key(member_id) || self.members.len() < max_size
            }
        }
    }
}

/// The client's id (static members: the instance id) and a random id in Java's text form.
fn fresh_member_id(request: &JoinGroup) -> Str {
    let mut id = request.instance_id.as_ref().unwrap_or(&request.client_id).to_string();
    let Uuid(bytes) = request.fresh_id;
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 0 | 4 | 6 | 8 | 10) {
            id.push('-');
        }
        // Writing to a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    Str::from(id)
}

/// Bytes of a member's protocols.
fn brought(request: &JoinGroup) -> usize {
    request.protocols.iter().map(|protocol| protocol.name.len() + protocol.metadata.len()).sum()
}

/// Same names with the same metadata in the same order.
fn same_protocols(ours: &[Protocol], theirs: &[Protocol]) -> bool {
    ours == theirs
}
