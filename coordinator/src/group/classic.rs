//! One classic group while it lives: members, generation, who is joining, who still has to sync.
//!
//! `join.rs`, `sync.rs`, `leave.rs` and `heartbeat.rs` are the requests, `rebalance.rs` moves the group from generation
//! to generation, `protocol.rs` chooses what all members can do, `persist.rs` goes to and from the log's records.

mod convert;
mod heartbeat;
mod join;
mod leave;
mod member;
mod persist;
mod protocol;
mod rebalance;
mod static_member;
mod sync;

use super::{
    Groups, Settings,
    reply::{JoinReply, JoinedMember, Reply, SyncReply},
    timers::{Timer, Timers},
};
use crate::{Effects, Ticket};
pub(super) use member::Member;
use ottla_types::{ErrorCode, Millis, Str};
pub(super) use protocol::Subscribed;
pub use protocol::subscribed_topics;
use std::collections::{BTreeMap, BTreeSet};

/// Where a classic group stands. Kafka's fifth state, Dead, is a group that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// No members; it may have offsets.
    Empty,
    /// Waiting for members to (re)join.
    PreparingRebalance,
    /// Everybody has joined; waiting for the leader's assignment.
    CompletingRebalance,
    /// Everybody works.
    Stable,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Empty, Self::PreparingRebalance, Self::CompletingRebalance, Self::Stable];

    /// Kafka's name for it, as ListGroups and DescribeGroups answer.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// What a group needs from around it for one step.
pub(super) struct Turn<'a> {
    pub(super) now: Millis,
    pub(super) settings: &'a Settings,
    pub(super) timers: &'a mut Timers,
    pub(super) effects: &'a mut Effects<Groups>,
}

impl Turn<'_> {
    fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.effects.replies.push((ticket, reply));
    }

    fn after(&self, ms: impl Into<i64>) -> Millis {
        self.now.plus(ms.into())
    }
}

/// The wait of an empty group for its first members.
#[derive(Debug, Clone, Copy)]
struct InitialWait {
    /// How long the running part of the wait is.
    delay_ms: i64,
    /// How much longer joins may still extend it.
    remaining_ms: i64,
    /// Somebody joined since the running part began.
    joined: bool,
}

/// One classic group.
#[derive(Debug)]
pub(super) struct ClassicGroup {
    pub(super) id: Str,
    pub(super) state: State,
    pub(super) generation: i32,
    /// `None`: a simple group, which only has offsets.
    pub(super) protocol_type: Option<Str>,
    pub(super) protocol: Option<Str>,
    pub(super) leader: Option<Str>,
    pub(super) members: BTreeMap<Str, Member>,
    /// Member id by instance id.
    static_members: BTreeMap<Str, Str>,
    /// Ids given out with MEMBER_ID_REQUIRED and not yet come back.
    pending_join: BTreeSet<Str>,
    /// Members of the generation that have not synced yet.
    pending_sync: BTreeSet<Str>,
    pub(super) subscribed: Subscribed,
    pub(super) state_since: Option<Millis>,
    /// Preparing the first generation after being empty: members that come are waited for, not those that were.
    from_empty: bool,
    initial_wait: Option<InitialWait>,
}

impl ClassicGroup {
    pub(super) fn empty(id: Str, now: Millis) -> Self {
        Self {
            id,
            state: State::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            subscribed: Subscribed::Unknown,
            state_since: Some(now),
            from_empty: false,
            initial_wait: None,
        }
    }

    pub(super) fn is_stable(&self) -> bool {
        self.state == State::Stable
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    /// Ids have been given out that have not come back yet.
    pub(super) fn expects_members(&self) -> bool {
        !self.pending_join.is_empty()
    }

    pub(super) fn knows_subscriptions(&self) -> bool {
        self.subscribed != Subscribed::Unknown
    }

    fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    fn move_to(&mut self, state: State, now: Millis) {
        self.from_empty = self.state == State::Empty && state == State::PreparingRebalance;
        self.state = state;
        self.state_since = Some(now);
    }

    /// Whether the caller is who it says: a member, and for static members the present holder of the instance id.
    pub(super) fn check_member(&self, member_id: &str, instance_id: Option<&Str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(holder) if **holder != *member_id => return Err(ErrorCode::FENCED_INSTANCE_ID),
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UNKNOWN_MEMBER_ID) }
    }

    fn all_joined(&self) -> bool {
        self.pending_join.is_empty() && self.members.values().all(Member::awaits_join)
    }

    fn joining(&self) -> usize {
        self.members.values().filter(|member| member.awaits_join()).count()
    }

    /// The longest any member may take to rejoin, in milliseconds.
    fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }

    fn add_member(&mut self, member: Member) {
        let id = member.id.clone();
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), id.clone());
        }
        if self.members.is_empty() {
            self.protocol_type = Some(member.protocol_type.clone());
        }
        self.leader.get_or_insert_with(|| id.clone());
        self.pending_join.remove(&id);
        self.members.insert(id, member);
    }

    /// Takes a member, or a member to be, out of the group. Whoever still waits in its name is not answered here.
    fn remove_member(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        if let Some(member) = self.members.remove(member_id)
            && let Some(instance_id) = &member.instance_id
        {
            self.static_members.remove(instance_id);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_join.remove(member_id);
        self.pending_sync.remove(member_id);
        turn.timers.cancel(&self.session_timer(member_id));
    }

    /// Answers the join a member waits in, if it does.
    fn answer_join(&mut self, turn: &mut Turn<'_>, member_id: &str, reply: JoinReply) -> bool {
        let ticket = self.members.get_mut(member_id).and_then(|member| member.join_ticket.take());
        ticket.map(|ticket| turn.reply(ticket, Reply::Join(reply))).is_some()
    }

    /// Answers the sync a member waits in, if it does.
    fn answer_sync(&mut self, turn: &mut Turn<'_>, member_id: &str, reply: SyncReply) -> bool {
        let ticket = self.members.get_mut(member_id).and_then(|member| member.sync_ticket.take());
        ticket.map(|ticket| turn.reply(ticket, Reply::Sync(reply))).is_some()
    }

    /// The answer to a join that is now complete for this member.
    fn joined_reply(&self, member_id: &Str) -> JoinReply {
        JoinReply {
            error: ErrorCode::NONE,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            skip_assignment: false,
            member_id: member_id.clone(),
            members: if self.is_leader(member_id) { self.joined_members() } else { Vec::new() },
        }
    }

    fn joined_members(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let joined = |member: &Member| JoinedMember {
            member_id: member.id.clone(),
            instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol),
        };
        self.members.values().map(joined).collect()
    }

    fn session_timer(&self, member_id: &str) -> Timer {
        Timer::Session(self.id.clone(), Str::from(member_id.to_owned()))
    }

    /// The member has been heard of: its session runs anew.
    pub(super) fn restart_session(&self, turn: &mut Turn<'_>, member_id: &str) {
        if let Some(member) = self.members.get(member_id) {
            let at = turn.after(member.session_timeout_ms);
            turn.timers.set(Timer::Session(self.id.clone(), member.id.clone()), at);
        }
    }

    /// Forgets everything that could become due.
    pub(super) fn cancel_timers(&self, timers: &mut Timers) {
        timers.cancel(&Timer::Join(self.id.clone()));
        timers.cancel(&Timer::Sync(self.id.clone()));
        for member_id in self.members.keys().chain(&self.pending_join) {
            timers.cancel(&Timer::Session(self.id.clone(), member_id.clone()));
        }
    }
}
