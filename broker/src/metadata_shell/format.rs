use super::dir::{DirError, MetadataDir, SnapshotId};
use ottla_metadata::{Checkpoint, Features, bootstrap_records};
use ottla_quorum::{ReplicaKey, Voter};
use ottla_types::Millis;
use ottla_wire::{
    EncodeError,
    log_records::control::voters_record::{self, KRaftVersionFeature, VotersRecord},
};

/// What a fresh metadata log needs to know.
#[derive(Debug, Clone)]
pub struct FormatMetadata {
    /// The only voter: this node, with the directory id of `meta.properties`.
    pub voter: Voter,
    /// Time of formatting.
    pub now: Millis,
}

/// Formatting failed.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// A file.
    #[error(transparent)]
    Dir(#[from] DirError),
    /// The records cannot be written; only with impossible listeners.
    #[error("formatting the metadata log: {0}")]
    Encode(#[from] EncodeError),
}

/// Writes what `kafka-storage format --standalone` writes besides `meta.properties`: `bootstrap.checkpoint` with the
/// feature levels, and the first snapshot with the voters.
///
/// # Errors
/// A file cannot be written.
pub fn format_metadata(dir: &MetadataDir, format: &FormatMetadata) -> Result<(), FormatError> {
    let features = Features::default();
    let bootstrap = Checkpoint { records: bootstrap_records(), ..Checkpoint::default() };
    let voters = Checkpoint {
        last_contained_timestamp: format.now.0,
        quorum: Some((1, voters_record(std::slice::from_ref(&format.voter)))),
        records: Vec::new(),
    };
    dir.create()?;
    dir.write_snapshot(SnapshotId { end_offset: 0, epoch: 0 }, &voters.encode(&features, 0, format.now.0)?)?;
    dir.write_bootstrap(&bootstrap.encode(&features, 0, format.now.0)?)?;
    Ok(())
}

pub(super) fn voters_record(voters: &[Voter]) -> VotersRecord {
    let endpoint = |e: &ottla_quorum::Endpoint| voters_record::Endpoint {
        name: e.name.clone(),
        host: e.host.clone(),
        port: e.port,
    };
    let voter = |v: &Voter| voters_record::Voter {
        voter_id: v.key.id,
        voter_directory_id: v.key.directory_id,
        endpoints: v.endpoints.iter().map(endpoint).collect(),
        kraft_version_feature: KRaftVersionFeature {
            min_supported_version: v.min_kraft_version,
            max_supported_version: v.max_kraft_version,
        },
    };
    VotersRecord { version: 0, voters: voters.iter().map(voter).collect() }
}

pub(super) fn voters_of(record: &VotersRecord) -> Vec<Voter> {
    let endpoint = |e: &voters_record::Endpoint| ottla_quorum::Endpoint {
        name: e.name.clone(),
        host: e.host.clone(),
        port: e.port,
    };
    let voter = |v: &voters_record::Voter| Voter {
        key: ReplicaKey { id: v.voter_id, directory_id: v.voter_directory_id },
        endpoints: v.endpoints.iter().map(endpoint).collect(),
        min_kraft_version: v.kraft_version_feature.min_supported_version,
        max_kraft_version: v.kraft_version_feature.max_supported_version,
    };
    record.voters.iter().map(voter).collect()
}
