//! What a broker must know.

use std::collections::BTreeMap;

use ottla_types::Uuid;

use crate::logs::Part;

/// A topic.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its id.
    pub id: Uuid,
    /// Its partitions.
    pub partitions: Vec<Part>,
    /// `retention.ms`, where it was set.
    pub retention_ms: Option<String>,
}

/// Everything that was acknowledged, after some step.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Topics by name.
    pub topics: BTreeMap<String, Topic>,
    /// Committed offsets by group, topic and partition.
    pub committed: BTreeMap<(String, String, i32), i64>,
}
