// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AddRaftVoter request (key 80), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// AddRaftVoter request (key 80), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AddRaftVoter, versions = 0..=1, flexible = 0, response = crate::messages::add_raft_voter_response::AddRaftVoterResponse)]
pub struct AddRaftVoterRequest {
    /// Cluster id.
    #[field(nullable)]
    pub cluster_id: Option<Str>,
    /// Timeout, in milliseconds.
    pub timeout_ms: i32,
    /// Voter id.
    pub voter_id: i32,
    /// Voter directory id.
    pub voter_directory_id: Uuid,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Ack when committed; since version 1.
    #[field(versions = 1.., default = true)]
    pub ack_when_committed: bool,
}

/// Part of [`AddRaftVoterRequest`]: listener.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Listener {
    /// Name.
    pub name: Str,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}
