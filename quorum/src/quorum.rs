use crate::{
    Action, ElectionState, Event, QuorumInfo, ReplicaKey, ReplicaProgress, Role, State, VoterSet,
    state::Leader,
};
use ottla_types::Millis;
use std::collections::VecDeque;

/// The protocol machine of one replica of the metadata log.
///
/// Invariants: the epoch never goes back; at most one vote per epoch, durable before it counts; the high watermark
/// never goes back and is published only once the LeaderChange record of the current epoch is flushed on a majority.
#[derive(Debug)]
pub struct Quorum {
    me: ReplicaKey,
    voters: VoterSet,
    state: State,
    /// The latest state handed out for storing; equals what is on disk once `stored` is true.
    election: ElectionState,
    stored: bool,
    log_end: i64,
    flushed: i64,
    high_watermark: Option<i64>,
    actions: VecDeque<Action>,
}

/// Why a quorum cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NewQuorumError {
    /// This release runs one controller.
    #[error("node {me} must be the only voter of the metadata quorum, but the voters are {voters:?}")]
    NotTheOnlyVoter {
        /// `node.id` of this node.
        me: i32,
        /// Ids of the configured voters.
        voters: Vec<i32>,
    },
}

/// An event that cannot be true: the directory was changed under us, or the shell is wrong. Fatal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuorumError {
    /// The log has records of an epoch that `quorum-state` has never seen.
    #[error(
        "the log ends with epoch {last_epoch}, but quorum-state only knows epoch {epoch}: the file was lost"
    )]
    LogAheadOfElectionState {
        /// Epoch of the last batch.
        last_epoch: i32,
        /// Epoch in the file.
        epoch: i32,
    },
    /// Truncation below what was committed.
    #[error("the log would end at {end_offset}, below the high watermark {high_watermark}")]
    BelowHighWatermark {
        /// The end offset reported.
        end_offset: i64,
        /// What was published.
        high_watermark: i64,
    },
}

impl Quorum {
    /// A machine that waits for [`Event::Started`].
    ///
    /// # Errors
    /// The voter set is not exactly this replica.
    pub fn new(me: ReplicaKey, voters: VoterSet) -> Result<Self, NewQuorumError> {
        if !voters.is_only(me) {
            let voters = voters.0.iter().map(|voter| voter.key.id).collect();
            return Err(NewQuorumError::NotTheOnlyVoter { me: me.id, voters });
        }
        Ok(Self {
            me,
            voters,
            state: State::Unattached,
            election: ElectionState::default(),
            stored: false,
            log_end: 0,
            flushed: 0,
            high_watermark: None,
            actions: VecDeque::new(),
        })
    }

    /// Takes note of what happened at `now`.
    ///
    /// # Errors
    /// The event contradicts what is known; the node must stop rather than go on.
    pub fn on(&mut self, _now: Millis, event: Event) -> Result<(), QuorumError> {
        match event {
            Event::Started { stored, log_end, last_epoch } => self.on_started(stored, log_end, last_epoch)?,
            Event::ElectionStateStored(state) => self.on_stored(&state),
            Event::Appended { epoch, end_offset } => self.on_appended(epoch, end_offset)?,
            Event::Flushed { epoch, end_offset } => self.on_flushed(epoch, end_offset),
            Event::Stop => self.resign(),
        }
        Ok(())
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`on`](Self::on) wants to hear of time again: never, while the only voter is this node.
    #[must_use]
    pub const fn deadline(&self) -> Option<Millis> {
        None
    }

    /// The part this replica plays.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.state.role()
    }

    /// The current epoch.
    #[must_use]
    pub const fn epoch(&self) -> i32 {
        self.election.epoch
    }

    /// The epoch records may be appended in: the leader's, once its LeaderChange record is in the log.
    #[must_use]
    pub const fn appendable_epoch(&self) -> Option<i32> {
        match &self.state {
            State::Leader(Leader { epoch_start: Some(_) }) => Some(self.election.epoch),
            _ => None,
        }
    }

    /// Committed end of the log, `None` until the first LeaderChange record of this run is committed.
    #[must_use]
    pub const fn high_watermark(&self) -> Option<i64> {
        self.high_watermark
    }

    /// The replicas whose majority commits.
    #[must_use]
    pub const fn voters(&self) -> &VoterSet {
        &self.voters
    }

    /// What DescribeQuorum answers at `now`.
    #[must_use]
    pub fn describe(&self, now: Millis) -> QuorumInfo {
        let progress = |key: ReplicaKey| ReplicaProgress {
            key,
            log_end_offset: if key == self.me { self.log_end } else { -1 },
            last_fetch: (key == self.me).then_some(now),
            last_caught_up: (key == self.me).then_some(now),
        };
        QuorumInfo {
            leader_id: matches!(self.state, State::Leader(_)).then_some(self.me.id),
            leader_epoch: self.election.epoch,
            high_watermark: self.high_watermark.unwrap_or(-1),
            voters: self.voters.0.iter().map(|voter| progress(voter.key)).collect(),
            observers: Vec::new(),
        }
    }

    fn on_started(
        &mut self,
        stored: Option<ElectionState>,
        log_end: i64,
        last_epoch: i32,
    ) -> Result<(), QuorumError> {
        let stored = stored.unwrap_or_default();
        // A vote forgotten could be given twice: a log ahead of the file means the file was lost.
        if last_epoch > stored.epoch.max(0) {
            return Err(QuorumError::LogAheadOfElectionState { last_epoch, epoch: stored.epoch });
        }
        self.log_end = log_end;
        self.flushed = log_end;
        // A leader that restarts lost its volatile state: that epoch is over even if nobody else saw it.
        self.state = if stored.leader_id == Some(self.me.id) { State::Resigned } else { State::Unattached };
        self.election = stored;
        self.stored = true;
        self.campaign();
        Ok(())
    }

    /// The only voter needs no timeout and no pre-vote: nobody else can be leading.
    fn campaign(&mut self) {
        self.state = State::Candidate;
        let epoch = self.election.epoch.max(0) + 1;
        let voted = Some((self.me.id, self.me.directory_id));
        self.store(ElectionState { epoch, leader_id: None, voted });
    }

    fn store(&mut self, state: ElectionState) {
        self.election = state.clone();
        self.stored = false;
        self.actions.push_back(Action::StoreElectionState(state));
    }

    fn on_stored(&mut self, state: &ElectionState) {
        if *state != self.election || self.stored {
            return;
        }
        self.stored = true;
        match self.state {
            // The own vote is durable and is the majority.
            State::Candidate => {
                self.state = State::Leader(Leader::default());
                self.store(ElectionState { epoch: state.epoch, leader_id: Some(self.me.id), voted: None });
            }
            State::Leader(_) => self.actions.push_back(Action::AppendLeaderChange {
                epoch: state.epoch,
                leader_id: self.me.id,
                voters: self.voters.clone(),
            }),
            State::Unattached | State::Resigned => {}
        }
    }

    fn on_appended(&mut self, epoch: i32, end_offset: i64) -> Result<(), QuorumError> {
        if let Some(high_watermark) = self.high_watermark.filter(|hw| end_offset < *hw) {
            return Err(QuorumError::BelowHighWatermark { end_offset, high_watermark });
        }
        let current = self.election.epoch;
        if let State::Leader(leader) = &mut self.state
            && epoch == current
        {
            // The first append of an epoch is its LeaderChange batch, which begins where the log ended.
            leader.epoch_start.get_or_insert(self.log_end);
            self.log_end = self.log_end.max(end_offset);
        }
        Ok(())
    }

    fn on_flushed(&mut self, epoch: i32, end_offset: i64) {
        // A completion of an earlier epoch says nothing about this epoch's records.
        if epoch != self.election.epoch {
            return;
        }
        self.flushed = self.flushed.max(end_offset.min(self.log_end));
        let State::Leader(Leader { epoch_start: Some(epoch_start) }) = self.state else { return };
        let (me, flushed) = (self.me, self.flushed);
        let committed = self.voters.committed(|key| if key == me { flushed } else { -1 });
        if let Some(committed) = committed
            && committed > epoch_start
            && self.high_watermark.is_none_or(|hw| committed > hw)
        {
            self.high_watermark = Some(committed);
            self.actions.push_back(Action::AdvanceHighWatermark(committed));
        }
    }

    fn resign(&mut self) {
        if matches!(self.state, State::Leader(_)) {
            self.actions.push_back(Action::Resigned { epoch: self.election.epoch });
        }
        self.state = State::Resigned;
    }
}

#[cfg(test)]
mod tests;
