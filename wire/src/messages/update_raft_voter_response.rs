// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UpdateRaftVoter response (key 82), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// UpdateRaftVoter response (key 82), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct UpdateRaftVoterResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Current leader.
    #[field(tag = 0, tagged = 0..)]
    pub current_leader: CurrentLeader,
}

/// Part of [`UpdateRaftVoterResponse`]: current leader.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CurrentLeader {
    /// Leader id.
    #[field(default = -1)]
    pub leader_id: i32,
    /// Leader epoch.
    #[field(default = -1)]
    pub leader_epoch: i32,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: i32,
}
