// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! VotersRecord, versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// VotersRecord, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct VotersRecord {
    /// Version.
    pub version: i16,
    /// Voters.
    pub voters: Vec<Voter>,
}

/// Part of [`VotersRecord`]: voter.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Voter {
    /// Voter id.
    pub voter_id: i32,
    /// Voter directory id.
    pub voter_directory_id: Uuid,
    /// Endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Kraft version feature.
    pub kraft_version_feature: KRaftVersionFeature,
}

/// Part of [`VotersRecord`]: endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Endpoint {
    /// Name.
    pub name: Str,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}

/// Part of [`VotersRecord`]: kraft version feature.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct KRaftVersionFeature {
    /// Min supported version.
    pub min_supported_version: i16,
    /// Max supported version.
    pub max_supported_version: i16,
}
