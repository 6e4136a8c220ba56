// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ReadShareGroupStateSummary request (key 87), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ReadShareGroupStateSummary request (key 87), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ReadShareGroupStateSummary, versions = 0..=1, flexible = 0, response = crate::messages::read_share_group_state_summary_response::ReadShareGroupStateSummaryResponse)]
pub struct ReadShareGroupStateSummaryRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<ReadStateSummaryData>,
}

/// Part of [`ReadShareGroupStateSummaryRequest`]: read state summary data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReadStateSummaryData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`ReadShareGroupStateSummaryRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition.
    pub partition: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}
