// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! PartitionRecord (type 3), versions 0–2.

use crate::Message;
use ottla_types::Uuid;

/// PartitionRecord (type 3), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=2, flexible = 0)]
pub struct PartitionRecord {
    /// Partition id.
    #[field(default = -1)]
    pub partition_id: i32,
    /// Topic id.
    pub topic_id: Uuid,
    /// Replicas.
    pub replicas: Vec<i32>,
    /// Isr.
    pub isr: Vec<i32>,
    /// Removing replicas.
    pub removing_replicas: Vec<i32>,
    /// Adding replicas.
    pub adding_replicas: Vec<i32>,
    /// Leader.
    #[field(default = -1)]
    pub leader: i32,
    /// Leader recovery state.
    #[field(tag = 0, tagged = 0..)]
    pub leader_recovery_state: i8,
    /// Leader epoch.
    #[field(default = -1)]
    pub leader_epoch: i32,
    /// Partition epoch.
    #[field(default = -1)]
    pub partition_epoch: i32,
    /// Directories; since version 1.
    #[field(versions = 1..)]
    pub directories: Vec<Uuid>,
    /// Eligible leader replicas; since version 2.
    #[field(versions = 2.., nullable = 2.., tag = 1)]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Last known elr; since version 2.
    #[field(versions = 2.., nullable = 2.., tag = 2)]
    pub last_known_elr: Option<Vec<i32>>,
}
