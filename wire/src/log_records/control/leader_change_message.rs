// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! LeaderChangeMessage, versions 0–1.

use crate::Message;
use ottla_types::Uuid;

/// LeaderChangeMessage, versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=1, flexible = 0)]
pub struct LeaderChangeMessage {
    /// Version.
    pub version: i16,
    /// Leader id.
    pub leader_id: i32,
    /// Voters.
    pub voters: Vec<Voter>,
    /// Granting voters.
    pub granting_voters: Vec<Voter>,
}

/// Part of [`LeaderChangeMessage`]: voter.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Voter {
    /// Voter id.
    pub voter_id: i32,
    /// Voter directory id; since version 1.
    #[field(versions = 1..)]
    pub voter_directory_id: Uuid,
}
