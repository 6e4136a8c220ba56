// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupTopologyValue (type 23), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupTopologyValue (type 23), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupTopologyValue {
    /// Epoch.
    pub epoch: i32,
    /// Subtopologies.
    pub subtopologies: Vec<Subtopology>,
}

/// Part of [`StreamsGroupTopologyValue`]: topic config.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicConfig {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: Str,
}

/// Part of [`StreamsGroupTopologyValue`]: topic info.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicInfo {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: i32,
    /// Replication factor.
    pub replication_factor: i16,
    /// Topic configs.
    pub topic_configs: Vec<TopicConfig>,
}

/// Part of [`StreamsGroupTopologyValue`]: subtopology.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Subtopology {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Source topics.
    pub source_topics: Vec<Str>,
    /// Source topic regex.
    pub source_topic_regex: Vec<Str>,
    /// State changelog topics.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Repartition sink topics.
    pub repartition_sink_topics: Vec<Str>,
    /// Repartition source topics.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Copartition groups.
    pub copartition_groups: Vec<CopartitionGroup>,
}

/// Part of [`StreamsGroupTopologyValue`]: copartition group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CopartitionGroup {
    /// Source topics.
    pub source_topics: Vec<i16>,
    /// Source topic regex.
    pub source_topic_regex: Vec<i16>,
    /// Repartition source topics.
    pub repartition_source_topics: Vec<i16>,
}
