//! From generation to generation.

use super::super::{
    reply::{JoinReply, SyncReply},
    timers::Timer,
};
use super::{ClassicGroup, InitialWait, State, Turn};
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

impl ClassicGroup {
    /// Something changed: begin a rebalance, or, if one is running, see whether it can end.
    pub(super) fn rebalance_or_complete(&mut self, turn: &mut Turn<'_>) {
        if self.state == State::PreparingRebalance {
            self.maybe_complete_join(turn)
        } else {
            self.prepare_rebalance(turn)
        }
    }

    /// Ends the join phase when everybody is there. The first members of a group wait out the initial delay instead.
    pub(super) fn maybe_complete_join(&mut self, turn: &mut Turn<'_>) {
        if self.state == State::PreparingRebalance && !self.from_empty && self.all_joined() {
            self.complete_join(turn);
        }
    }

    /// Members must join again; those who wait for an assignment are told so.
    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>) {
        if self.state == State::CompletingRebalance {
            self.fail_syncs(turn, ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.pending_sync.clear();
        turn.timers.cancel(&Timer::Sync(self.id.clone()));
        let first = self.is_empty();
        self.move_to(State::PreparingRebalance, turn.now);
        if first {
            let delay_ms = i64::from(turn.settings.initial_rebalance_delay_ms);
            let remaining_ms = (i64::from(self.rebalance_timeout_ms()) - delay_ms).max(0);
            self.wait_for_more(turn, delay_ms, remaining_ms);
        } else if self.all_joined() {
            self.complete_join(turn);
        } else {
            self.wait_for_joins(turn);
        }
    }

    /// Takes the assignment back and answers everybody who waits for it.
    pub(super) fn fail_syncs(&mut self, turn: &mut Turn<'_>, error: ErrorCode) {
        for member in self.members.values_mut() {
            member.assignment = Bytes::new();
        }
        for member_id in self.member_ids() {
            if self.answer_sync(turn, &member_id, SyncReply::failed(error)) {
                self.restart_session(turn, &member_id);
            }
        }
    }

    fn wait_for_more(&mut self, turn: &mut Turn<'_>, delay_ms: i64, remaining_ms: i64) {
        self.initial_wait = Some(InitialWait { delay_ms, remaining_ms, joined: false });
        turn.timers.set(Timer::Join(self.id.clone()), turn.after(delay_ms));
    }

    fn wait_for_joins(&mut self, turn: &mut Turn<'_>) {
        self.initial_wait = None;
        turn.timers.set(Timer::Join(self.id.clone()), turn.after(self.rebalance_timeout_ms()));
    }

    /// A new member came while the first members of the group were being waited for: wait some more.
    pub(super) fn note_join_in_initial_wait(&mut self) {
        if let Some(wait) = &mut self.initial_wait {
            wait.joined = true;
        }
    }

    pub(in crate::group) fn on_join_timer(&mut self, turn: &mut Turn<'_>) {
        if self.state != State::PreparingRebalance {
            return;
        }
        match self.initial_wait {
            Some(wait) if wait.joined && wait.remaining_ms > 0 => {
                let delay_ms = i64::from(turn.settings.initial_rebalance_delay_ms).min(wait.remaining_ms);
                self.wait_for_more(turn, delay_ms, (wait.remaining_ms - wait.delay_ms).max(0));
            }
            _ => self.complete_join(turn),
        }
    }

    /// Ends the join phase with those who are there: the next generation begins, or the group is empty.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_>) {
        turn.timers.cancel(&Timer::Join(self.id.clone()));
        self.initial_wait = None;
        // Static members keep their place until their session ends, so that a restart need not rebalance.
        let late =
            self.members.values().filter(|member| !member.awaits_join() && member.instance_id.is_none());
        for member_id in late.map(|member| member.id.clone()).collect::<Vec<_>>() {
            self.remove_member(turn, &member_id);
        }
        if self.members.is_empty() {
            self.become_empty(turn);
        } else if self.elect_joined_leader() {
            self.next_generation(turn);
        } else {
            self.wait_for_joins(turn);
        }
    }

    fn become_empty(&mut self, turn: &mut Turn<'_>) {
        self.generation = self.generation.saturating_add(1);
        self.protocol = None;
        self.read_subscriptions();
        self.pending_sync.clear();
        self.move_to(State::Empty, turn.now);
        turn.effects.records.push(self.record());
    }

    fn next_generation(&mut self, turn: &mut Turn<'_>) {
        self.generation = self.generation.saturating_add(1);
        self.protocol = self.select_protocol();
        self.read_subscriptions();
        self.pending_sync.clear();
        self.move_to(State::CompletingRebalance, turn.now);
        for member_id in self.member_ids() {
            let reply = self.joined_reply(&member_id);
            self.answer_join(turn, &member_id, reply);
            self.restart_session(turn, &member_id);
            if let Some(member) = self.members.get_mut(&member_id) {
                member.is_new = false;
            }
            self.pending_sync.insert(member_id);
        }
        turn.timers.set(Timer::Sync(self.id.clone()), turn.after(self.rebalance_timeout_ms()));
    }

    /// The leader must be among those who joined. False when nobody did.
    fn elect_joined_leader(&mut self) -> bool {
        let joined = |id: &Str| self.members.get(id).is_some_and(|member| member.awaits_join());
        if !self.leader.as_ref().is_some_and(joined) {
            let Some(member) = self.members.values().find(|member| member.awaits_join()) else {
                return false;
            };
            self.leader = Some(member.id.clone());
        }
        true
    }

    /// Members of the generation that never synced have had their time: they are out, the others rebalance.
    pub(in crate::group) fn on_sync_timer(&mut self, turn: &mut Turn<'_>) {
        if !matches!(self.state, State::CompletingRebalance | State::Stable) || self.pending_sync.is_empty() {
            return;
        }
        for member_id in std::mem::take(&mut self.pending_sync) {
            self.remove_member(turn, &member_id);
        }
        self.prepare_rebalance(turn);
    }

    pub(in crate::group) fn on_session_timer(&mut self, turn: &mut Turn<'_>, member_id: &Str) {
        if self.pending_join.contains(member_id) {
            self.remove_member(turn, member_id);
            if self.state == State::PreparingRebalance && self.all_joined() {
                self.complete_join(turn);
            }
        } else if self.members.get(member_id).is_some_and(|member| !member.is_excused()) {
            self.remove_failed(turn, member_id);
        }
    }

    fn remove_failed(&mut self, turn: &mut Turn<'_>, member_id: &Str) {
        self.answer_join(turn, member_id, JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_MEMBER_ID));
        self.remove_member(turn, member_id);
        match self.state {
            State::Stable | State::CompletingRebalance => self.prepare_rebalance(turn),
            State::PreparingRebalance if self.all_joined() => self.complete_join(turn),
            State::PreparingRebalance | State::Empty => {}
        }
    }

    pub(super) fn member_ids(&self) -> Vec<Str> {
        self.members.keys().cloned().collect()
    }
}
