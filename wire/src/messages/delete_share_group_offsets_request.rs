// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteShareGroupOffsets request (key 92), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DeleteShareGroupOffsets request (key 92), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DeleteShareGroupOffsets, versions = 0..=0, flexible = 0, response = crate::messages::delete_share_group_offsets_response::DeleteShareGroupOffsetsResponse)]
pub struct DeleteShareGroupOffsetsRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
}

/// Part of [`DeleteShareGroupOffsetsRequest`]: delete share group offsets request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteShareGroupOffsetsRequestTopic {
    /// Topic name.
    pub topic_name: Str,
}
