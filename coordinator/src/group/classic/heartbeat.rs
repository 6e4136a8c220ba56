use super::super::command::Heartbeat;
use super::{ClassicGroup, State, Turn};
use ottla_types::ErrorCode;

impl ClassicGroup {
    pub(in crate::group) fn heartbeat(&mut self, turn: &mut Turn<'_>, request: &Heartbeat) -> ErrorCode {
        if let Err(error) = self.check_member(&request.member_id, request.instance_id.as_ref()) {
            return error;
        }
        if request.generation != self.generation {
            return ErrorCode::ILLEGAL_GENERATION;
        }
        self.restart_session(turn, &request.member_id);
        match self.state {
            State::Empty => ErrorCode::UNKNOWN_MEMBER_ID,
            State::PreparingRebalance => ErrorCode::REBALANCE_IN_PROGRESS,
            State::CompletingRebalance | State::Stable => ErrorCode::NONE,
        }
    }
}
