// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoveRaftVoter request (key 81), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// RemoveRaftVoter request (key 81), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = RemoveRaftVoter, versions = 0..=0, flexible = 0, response = crate::messages::remove_raft_voter_response::RemoveRaftVoterResponse)]
pub struct RemoveRaftVoterRequest {
    /// Cluster id.
    #[field(nullable)]
    pub cluster_id: Option<Str>,
    /// Voter id.
    pub voter_id: i32,
    /// Voter directory id.
    pub voter_directory_id: Uuid,
}
