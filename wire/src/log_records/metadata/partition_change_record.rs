// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! PartitionChangeRecord (type 5), versions 0–2.

use crate::Message;
use ottla_types::Uuid;

/// PartitionChangeRecord (type 5), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=2, flexible = 0)]
pub struct PartitionChangeRecord {
    /// Partition id.
    #[field(default = -1)]
    pub partition_id: i32,
    /// Topic id.
    pub topic_id: Uuid,
    /// Isr.
    #[field(nullable, tag = 0, tagged = 0..)]
    pub isr: Option<Vec<i32>>,
    /// Leader.
    #[field(tag = 1, tagged = 0.., default = -2)]
    pub leader: i32,
    /// Replicas.
    #[field(nullable, tag = 2, tagged = 0..)]
    pub replicas: Option<Vec<i32>>,
    /// Removing replicas.
    #[field(nullable, tag = 3, tagged = 0..)]
    pub removing_replicas: Option<Vec<i32>>,
    /// Adding replicas.
    #[field(nullable, tag = 4, tagged = 0..)]
    pub adding_replicas: Option<Vec<i32>>,
    /// Leader recovery state.
    #[field(tag = 5, tagged = 0.., default = -1)]
    pub leader_recovery_state: i8,
    /// Directories; since version 1.
    #[field(versions = 1.., nullable = 1.., tag = 8)]
    pub directories: Option<Vec<Uuid>>,
    /// Eligible leader replicas; since version 2.
    #[field(versions = 2.., nullable = 2.., tag = 6)]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Last known elr; since version 2.
    #[field(versions = 2.., nullable = 2.., tag = 7)]
    pub last_known_elr: Option<Vec<i32>>,
}
