use super::super::{
    command::LeavingMember,
    reply::{JoinReply, LeftMember},
};
use super::{ClassicGroup, State, Turn};
use ottla_types::{ErrorCode, Str};

impl ClassicGroup {
    pub(in crate::group) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        members: &[LeavingMember],
    ) -> Vec<LeftMember> {
        let mut answers = Vec::with_capacity(members.len());
        for member in members {
            let error = self.leave_one(turn, member).err().unwrap_or(ErrorCode::NONE);
            answers.push(LeftMember {
                member_id: member.member_id.clone(),
                instance_id: member.instance_id.clone(),
                error,
            });
        }
        if answers.iter().any(|answer| answer.error.is_ok()) {
            match self.state {
                State::Stable | State::CompletingRebalance => self.prepare_rebalance(turn),
                State::PreparingRebalance => self.maybe_complete_join(turn),
                State::Empty => {}
            }
        }
        answers
    }

    fn leave_one(&mut self, turn: &mut Turn<'_>, leaving: &LeavingMember) -> Result<(), ErrorCode> {
        let member_id = if leaving.member_id.is_empty() {
            // An operator removes a static member by its instance id alone.
            let holder =
                leaving.instance_id.as_ref().and_then(|instance_id| self.static_members.get(instance_id));
            holder.cloned().ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?
        } else {
            if !self.pending_join.contains(&leaving.member_id) {
                self.check_member(&leaving.member_id, leaving.instance_id.as_ref())?;
            }
            leaving.member_id.clone()
        };
        self.answer_join(turn, &member_id, JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_MEMBER_ID));
        self.remove_member(turn, &member_id);
        Ok(())
    }
}
