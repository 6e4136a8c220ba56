// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! QuorumStateData, versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// QuorumStateData, versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=1, flexible = 0)]
pub struct QuorumStateData {
    /// Cluster id; versions 0–0.
    #[field(versions = 0..=0)]
    pub cluster_id: Str,
    /// Leader id.
    #[field(default = -1)]
    pub leader_id: i32,
    /// Leader epoch.
    #[field(default = -1)]
    pub leader_epoch: i32,
    /// Voted id.
    #[field(default = -1)]
    pub voted_id: i32,
    /// Voted directory id; since version 1.
    #[field(versions = 1..)]
    pub voted_directory_id: Uuid,
    /// Applied offset; versions 0–0.
    #[field(versions = 0..=0)]
    pub applied_offset: i64,
    /// Current voters; versions 0–0.
    #[field(versions = 0..=0, nullable = 0..=0)]
    pub current_voters: Option<Vec<Voter>>,
}

/// Part of [`QuorumStateData`]: voter.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Voter {
    /// Voter id; versions 0–0.
    #[field(versions = 0..=0)]
    pub voter_id: i32,
}
