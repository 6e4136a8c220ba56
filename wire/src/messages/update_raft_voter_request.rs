// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UpdateRaftVoter request (key 82), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// UpdateRaftVoter request (key 82), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = UpdateRaftVoter, versions = 0..=0, flexible = 0, response = crate::messages::update_raft_voter_response::UpdateRaftVoterResponse)]
pub struct UpdateRaftVoterRequest {
    /// Cluster id.
    #[field(nullable)]
    pub cluster_id: Option<Str>,
    /// Current leader epoch.
    pub current_leader_epoch: i32,
    /// Voter id.
    pub voter_id: i32,
    /// Voter directory id.
    pub voter_directory_id: Uuid,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Kraft version feature.
    pub kraft_version_feature: KRaftVersionFeature,
}

/// Part of [`UpdateRaftVoterRequest`]: listener.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Listener {
    /// Name.
    pub name: Str,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}

/// Part of [`UpdateRaftVoterRequest`]: kraft version feature.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct KRaftVersionFeature {
    /// Min supported version.
    pub min_supported_version: i16,
    /// Max supported version.
    pub max_supported_version: i16,
}
