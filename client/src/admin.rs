//! What administrators ask: topics, groups, settings, the cluster.

mod cluster;
mod configs;
mod delete_offsets;
mod describe;
mod features;
mod groups;
mod log_dirs;
mod quorum;
mod topics;
mod transactions;

use ottla_types::ErrorCode;

use crate::ClientError;

pub use cluster::{BrokerInfo, ClusterInfo};
pub use configs::{ConfigChange, ConfigEntry, ConfigSource, ConfigSynonym, Resource};
pub use describe::Reassignment;
pub use features::{Features, LevelChange};
pub(crate) use groups::OFFSETS_BY_NAME;
pub use groups::{CommittedOffset, GroupInfo, GroupListing, GroupMember};
pub use log_dirs::{LogDirInfo, ReplicaSize};
pub use quorum::{QuorumInfo, QuorumReplica};
pub use transactions::{ProducerInfo, TransactionInfo, TransactionListing};

/// Turns a code into an error that says what was asked.
fn check(what: impl FnOnce() -> String, code: ErrorCode, message: Option<&str>) -> Result<(), ClientError> {
    if code.is_ok() { Ok(()) } else { Err(ClientError::refused(what(), code, message)) }
}
