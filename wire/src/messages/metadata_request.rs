// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Metadata request (key 3), versions 0–13.

use crate::Message;
use ottla_types::{Str, Uuid};

/// Metadata request (key 3), versions 0–13.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = Metadata, versions = 0..=13, flexible = 9, response = crate::messages::metadata_response::MetadataResponse)]
pub struct MetadataRequest {
    /// Topics.
    #[field(nullable = 1.., default = Some(Default::default()))]
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// Allow auto topic creation; since version 4.
    #[field(versions = 4.., default = true)]
    pub allow_auto_topic_creation: bool,
    /// Include cluster authorized operations; versions 8–10.
    #[field(versions = 8..=10)]
    pub include_cluster_authorized_operations: bool,
    /// Include topic authorized operations; since version 8.
    #[field(versions = 8..)]
    pub include_topic_authorized_operations: bool,
}

/// Part of [`MetadataRequest`]: metadata request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MetadataRequestTopic {
    /// Topic id; since version 10.
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    /// Name.
    #[field(nullable = 10.., default = Some(Default::default()))]
    pub name: Option<Str>,
}
