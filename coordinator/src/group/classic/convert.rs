//! What happens to a classic group whose id becomes that of a consumer group, and the other way round.

use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    super::reply::{JoinReply, SyncReply},
    ClassicGroup, Member, State, Turn,
};

impl ClassicGroup {
    /// The protocol the group works by, or would in its next generation.
    pub(in crate::group) fn working_protocol(&self) -> Str {
        self.protocol.clone().or_else(|| self.select_protocol()).unwrap_or_default()
    }

    /// Everybody who waits for an answer is told to join again.
    pub(in crate::group) fn send_away(&mut self, turn: &mut Turn<'_>) {
        for member_id in self.member_ids() {
            let code = ErrorCode::REBALANCE_IN_PROGRESS;
            self.answer_join(turn, &member_id, JoinReply::failed(&member_id, code));
            self.answer_sync(turn, &member_id, SyncReply::failed(code));
        }
    }

    /// A stable group of these members, with the assignments they have.
    pub(in crate::group) fn from_members(
        id: Str,
        generation: i32,
        members: Vec<Member>,
        now: Millis,
    ) -> Self {
        let static_member =
            |member: &Member| member.instance_id.clone().map(|instance_id| (instance_id, member.id.clone()));
        let mut group = Self {
            state: State::Stable,
            generation,
            protocol_type: members.first().map(|member| member.protocol_type.clone()),
            leader: members.first().map(|member| member.id.clone()),
            static_members: members.iter().filter_map(static_member).collect(),
            members: members
                .into_iter()
                .map(|member| (member.id.clone(), member))
                .collect::<BTreeMap<_, _>>(),
            ..Self::empty(id, now)
        };
        group.protocol = group.select_protocol();
        group.read_subscriptions();
        group
    }

    /// The group has just been made of a consumer group.
    pub(in crate::group) fn on_downgraded(&mut self, turn: &mut Turn<'_>, rebalance: bool) {
        for member_id in self.member_ids() {
            self.restart_session(turn, &member_id);
        }
        if rebalance {
            self.prepare_rebalance(turn);
        }
    }
}
