// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! FeatureLevelRecord (type 12), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// FeatureLevelRecord (type 12), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct FeatureLevelRecord {
    /// Name.
    pub name: Str,
    /// Feature level.
    pub feature_level: i16,
}
