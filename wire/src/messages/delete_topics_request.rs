// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteTopics request (key 20), versions 0–6.

use crate::Message;
use ottla_types::{Str, Uuid};

/// DeleteTopics request (key 20), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DeleteTopics, versions = 0..=6, flexible = 4, response = crate::messages::delete_topics_response::DeleteTopicsResponse)]
pub struct DeleteTopicsRequest {
    /// Topics; since version 6.
    #[field(versions = 6..)]
    pub topics: Vec<DeleteTopicState>,
    /// Topic names; versions 0–5.
    #[field(versions = 0..=5, ignorable)]
    pub topic_names: Vec<Str>,
    /// Timeout, in milliseconds.
    pub timeout_ms: i32,
}

/// Part of [`DeleteTopicsRequest`]: delete topic state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteTopicState {
    /// Name; since version 6.
    #[field(versions = 6.., nullable = 6..)]
    pub name: Option<Str>,
    /// Topic id; since version 6.
    #[field(versions = 6..)]
    pub topic_id: Uuid,
}
