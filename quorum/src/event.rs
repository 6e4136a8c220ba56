use crate::ElectionState;

/// What happened to this replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The directory is open: the election state as `quorum-state` has it (`None`: no file), the end of the local log
    /// and the epoch of its last record (0 when empty).
    Started {
        /// What the file says.
        stored: Option<ElectionState>,
        /// Offset after the last record on disk; everything before it is flushed.
        log_end: i64,
        /// Leader epoch of the last batch in the log or snapshot.
        last_epoch: i32,
    },
    /// [`Action::StoreElectionState`](crate::Action) is on disk, its directory flushed.
    ElectionStateStored(ElectionState),
    /// Records were appended in this epoch; the log now ends here. Not yet flushed.
    Appended {
        /// The epoch the records carry.
        epoch: i32,
        /// Offset after the last record.
        end_offset: i64,
    },
    /// The log is on disk up to this offset.
    Flushed {
        /// The epoch in which the flush was asked for.
        epoch: i32,
        /// Offset after the last flushed record.
        end_offset: i64,
    },
    /// The node is going down: give leadership up and accept nothing more.
    Stop,
}
