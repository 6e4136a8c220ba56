use crate::{ElectionState, VoterSet};

/// What the shell has to do, in the order it is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Write `quorum-state` durably, then answer with [`Event::ElectionStateStored`](crate::Event).
    StoreElectionState(ElectionState),
    /// Append the control batch that opens an epoch, with this epoch as its leader epoch, and flush it: a LeaderChange
    /// record with these voters, all granting.
    AppendLeaderChange {
        /// The new epoch.
        epoch: i32,
        /// This node.
        leader_id: i32,
        /// The voters at the time.
        voters: VoterSet,
    },
    /// Everything before this offset is committed: publish it and release what waits for it. Only grows.
    AdvanceHighWatermark(i64),
    /// Leadership ended; nothing that waits for a commit will get one in this epoch.
    Resigned {
        /// The epoch given up.
        epoch: i32,
    },
}
