// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterReplicaLogDirs request (key 34), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// AlterReplicaLogDirs request (key 34), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterReplicaLogDirs, versions = 0..=2, flexible = 2, response = crate::messages::alter_replica_log_dirs_response::AlterReplicaLogDirsResponse)]
pub struct AlterReplicaLogDirsRequest {
    /// Dirs.
    pub dirs: Vec<AlterReplicaLogDir>,
}

/// Part of [`AlterReplicaLogDirsRequest`]: alter replica log dir.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDir {
    /// Path.
    pub path: Str,
    /// Topics.
    pub topics: Vec<AlterReplicaLogDirTopic>,
}

/// Part of [`AlterReplicaLogDirsRequest`]: alter replica log dir topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDirTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
