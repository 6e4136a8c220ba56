// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetFetch request (key 9), versions 1–10.

use crate::Message;
use ottla_types::{Str, Uuid};

/// OffsetFetch request (key 9), versions 1–10.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = OffsetFetch, versions = 1..=10, flexible = 6, response = crate::messages::offset_fetch_response::OffsetFetchResponse)]
pub struct OffsetFetchRequest {
    /// Group id; versions 0–7.
    #[field(versions = 0..=7)]
    pub group_id: Str,
    /// Topics; versions 0–7.
    #[field(versions = 0..=7, nullable = 2..=7, default = Some(Default::default()))]
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// Groups; since version 8.
    #[field(versions = 8..)]
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Require stable; since version 7.
    #[field(versions = 7..)]
    pub require_stable: bool,
}

/// Part of [`OffsetFetchRequest`]: offset fetch request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchRequestTopic {
    /// Name; versions 0–7.
    #[field(versions = 0..=7)]
    pub name: Str,
    /// Partition indexes; versions 0–7.
    #[field(versions = 0..=7)]
    pub partition_indexes: Vec<i32>,
}

/// Part of [`OffsetFetchRequest`]: offset fetch request group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchRequestGroup {
    /// Group id; since version 8.
    #[field(versions = 8..)]
    pub group_id: Str,
    /// Member id; since version 9.
    #[field(versions = 9.., nullable = 9.., ignorable)]
    pub member_id: Option<Str>,
    /// Member epoch; since version 9.
    #[field(versions = 9.., ignorable, default = -1)]
    pub member_epoch: i32,
    /// Topics; since version 8.
    #[field(versions = 8.., nullable = 8..)]
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

/// Part of [`OffsetFetchRequest`]: offset fetch request topics.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchRequestTopics {
    /// Name; versions 8–9.
    #[field(versions = 8..=9, ignorable)]
    pub name: Str,
    /// Topic id; since version 10.
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    /// Partition indexes; since version 8.
    #[field(versions = 8..)]
    pub partition_indexes: Vec<i32>,
}
