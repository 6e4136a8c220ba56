//! The cluster's metadata: what it is, and the controller that decides it.
#![forbid(unsafe_code)]

mod delta;
mod image;
mod loader;
mod names;

pub use delta::Delta;
pub use image::{
    Broker, ConfigResource, Configs, ControllerNode, FORMATTED, FeatureRange, Features, Image,
    LeaderRecoveryState, Listener, NO_LEADER, NO_LEADER_CHANGE, Partition, Provenance, QuotaEntity,
    SUPPORTED, Security, Settings, Topic, Topics, feature, resource_type,
};
pub use loader::Loader;
