use super::{
    dir::{DirError, MetadataDir, SnapshotId},
    format::{voters_of, voters_record},
    journal::{JournalError, MetadataLog},
    load::load,
    shell::{MetadataShell, State},
    snapshot::SnapshotPolicy,
};
use ottla_coordinator::{Machine, Ticket};
use ottla_metadata::{Command, Controller, ControllerNode, DecodeBatchError, Delta, Image, Options};
use ottla_quorum::{Action, Event, NewQuorumError, Quorum, QuorumError, ReplicaKey, Voter, VoterSet};
use ottla_records::{BatchError, ControlRecord, ControlType, control_batch};
use ottla_types::Millis;
use ottla_wire::{
    DecodeError, EncodeError, Message,
    log_records::control::{
        kraft_version_record::KRaftVersionRecord,
        leader_change_message::{self, LeaderChangeMessage},
    },
};
use std::sync::Arc;

/// What the shell is opened with.
pub struct OpenMetadata {
    /// This node's id and the directory id of the metadata directory.
    pub me: ReplicaKey,
    /// The voters when neither snapshot nor log name them (`kraft.version` 0).
    pub static_voters: Vec<Voter>,
    /// Snapshots, `quorum-state`, `bootstrap.checkpoint`.
    pub dir: MetadataDir,
    /// The log itself.
    pub log: Arc<dyn MetadataLog>,
    /// The controller's settings; `bootstrap` is taken from the directory where that has it.
    pub options: Options,
    /// How this process registers as a controller.
    pub controller: ControllerNode,
    /// Wall clock.
    pub clock: fn() -> Millis,
    /// When snapshots are written, and how long they stay.
    pub snapshots: SnapshotPolicy,
}

/// The metadata cannot be opened. The node must not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file beside the log.
    #[error(transparent)]
    Dir(#[from] DirError),
    /// The log.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A damaged batch.
    #[error("metadata log at offset {offset}: {cause}")]
    Batch {
        /// Where.
        offset: i64,
        /// What is wrong with it.
        cause: BatchError,
    },
    /// A batch that cannot be understood.
    #[error("metadata log: {0}")]
    Decode(#[from] DecodeBatchError),
    /// A voters record that cannot be understood.
    #[error("metadata log: voters: {0}")]
    Voters(DecodeError),
    /// A record that cannot be written.
    #[error("metadata log: {0}")]
    Encode(#[from] EncodeError),
    /// Records between snapshot and log are missing.
    #[error("the metadata log begins at {log_start}, but the newest snapshot ends at {snapshot_end}")]
    Gap {
        /// First offset of the log.
        log_start: i64,
        /// End of the newest snapshot.
        snapshot_end: i64,
    },
    /// A read that returns nothing new.
    #[error("reading the metadata log makes no progress at offset {offset}")]
    NoProgress {
        /// Where.
        offset: i64,
    },
    /// Not a quorum of one.
    #[error(transparent)]
    NewQuorum(#[from] NewQuorumError),
    /// `quorum-state` and log contradict each other.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
}

impl MetadataShell {
    /// Opens the metadata: replays snapshot and log, wins the election, writes the first records of a new cluster,
    /// registers the controller. Blocks; when it returns, everything written so far is committed and the image is
    /// published. [`run`](Self::run) must follow.
    ///
    /// # Errors
    /// The directory is damaged, of a later release, or not that of a quorum of one.
    pub fn open(mut open: OpenMetadata) -> Result<Arc<Self>, OpenError> {
        open.dir.create()?;
        let mut loaded = load(&open.dir, &*open.log)?;
        if let Some(bootstrap) = open.dir.bootstrap()? {
            open.options.bootstrap = bootstrap.records;
        }
        let voters = loaded.voters.as_ref().map_or_else(|| open.static_voters.clone(), voters_of);
        let quorum = Quorum::new(open.me, VoterSet(voters))?;
        let delta = loaded.loader.take_delta();
        let snapshot = loaded.snapshot.unwrap_or(SnapshotId { end_offset: 0, epoch: 0 });
        let mut state = State::new(Controller::new(open.options, loaded.loader), quorum);
        state.provenance = loaded.provenance;
        state.snapshot = snapshot;
        state.unsnapshotted_bytes = loaded.bytes;
        state.voters_in_log = loaded.voters.is_some();
        let shell = Self::new(open.dir, open.log, open.clock, open.snapshots, state);
        shell.begin(open.controller, delta)?;
        Ok(shell)
    }

    fn begin(&self, node: ControllerNode, loaded: Delta) -> Result<(), OpenError> {
        let mut state = self.state.lock();
        let state = &mut *state;
        let (_, log_end) = self.log.bounds();
        state.end_offset = log_end;
        let now = (self.clock)();
        let stored = self.dir.election_state()?;
        state.quorum.on(now, Event::Started { stored, log_end, last_epoch: self.log.last_epoch() })?;
        self.drive(state)?;
        let effects = state.controller.loaded(now);
        self.append(state, &effects.records)?;
        state.controller.set_next_offset(state.end_offset);
        let effects = state.controller.step(now, Ticket(0), Command::RegisterController(node));
        self.append(state, &effects.records)?;
        self.flush_blocking(state)?;
        let mut delta = loaded;
        let mut image = Arc::new(Image::default());
        for pending in state.pending.drain(..) {
            delta.merge(pending.delta);
            image = pending.image;
        }
        state.initial_delta = delta;
        self.image.store(image);
        Ok(())
    }

    /// Does what the quorum asks until it asks nothing more. Only for the start: later there is only the watermark.
    fn drive(&self, state: &mut State) -> Result<(), OpenError> {
        while let Some(action) = state.quorum.poll() {
            match action {
                Action::StoreElectionState(election) => {
                    self.dir.store_election_state(&election)?;
                    state.quorum.on((self.clock)(), Event::ElectionStateStored(election))?;
                }
                Action::AppendLeaderChange { epoch, leader_id, voters } => {
                    self.append_leader_change(state, epoch, leader_id, &voters)?;
                    self.flush_blocking(state)?;
                }
                Action::AdvanceHighWatermark(offset) => state.high_watermark = offset,
                Action::Resigned { .. } => {}
            }
        }
        Ok(())
    }

    fn flush_blocking(&self, state: &mut State) -> Result<(), OpenError> {
        self.log.flush()?;
        let (epoch, end_offset) = (state.quorum.epoch(), state.end_offset);
        state.quorum.on((self.clock)(), Event::Flushed { epoch, end_offset })?;
        while let Some(Action::AdvanceHighWatermark(offset)) = state.quorum.poll() {
            state.high_watermark = offset;
        }
        Ok(())
    }

    /// The batch that opens an epoch; the first of a log also says who votes, as Kafka's does.
    fn append_leader_change(
        &self,
        state: &mut State,
        epoch: i32,
        leader_id: i32,
        voters: &VoterSet,
    ) -> Result<(), OpenError> {
        let voter = |voter: &Voter| leader_change_message::Voter {
            voter_id: voter.key.id,
            ..leader_change_message::Voter::default()
        };
        let all: Vec<_> = voters.0.iter().map(voter).collect();
        let change = LeaderChangeMessage { version: 0, leader_id, voters: all.clone(), granting_voters: all };
        let mut records = vec![ControlRecord { kind: ControlType::LeaderChange, value: change.to_bytes(0)? }];
        if state.voters_in_log && state.end_offset == 0 {
            let version = KRaftVersionRecord { version: 0, kraft_version: 1 };
            records.push(ControlRecord { kind: ControlType::KraftVersion, value: version.to_bytes(0)? });
            let voters = voters_record(&voters.0);
            records.push(ControlRecord { kind: ControlType::KraftVoters, value: voters.to_bytes(0)? });
        }
        let now = (self.clock)();
        let batch = control_batch(state.end_offset, epoch, now.0, &records);
        let bytes = batch.len() as u64;
        let end_offset = self.log.append(batch, epoch)?;
        state.quorum.on(now, Event::Appended { epoch, end_offset })?;
        state.appended(end_offset, epoch, now, bytes);
        Ok(())
    }
}
