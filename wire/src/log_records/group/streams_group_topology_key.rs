// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupTopologyKey (type 23), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupTopologyKey (type 23), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct StreamsGroupTopologyKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
}
