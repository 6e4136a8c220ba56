//! The cluster's metadata: what it is, and the controller that decides it.
#![forbid(unsafe_code)]

mod batch;
mod bootstrap;
mod checkpoint;
mod controller;
mod delta;
mod image;
mod loader;
mod names;
mod versions;

pub use batch::{BatchContent, DecodeBatchError, decode_batch, encode_batch};
pub use bootstrap::bootstrap_records;
pub use checkpoint::{Checkpoint, CheckpointError};
pub use controller::{
    BrokerHeartbeat, Command, ConfigChanges, ConfigOp, ConfigRules, Controller, FeatureUpdate,
    HeartbeatAnswer, Options, PRODUCER_ID_BLOCK, ProducerIdBlock, Refusal, Reply, UpgradeType,
};
pub use delta::Delta;
pub use image::{
    Broker, ConfigResource, Configs, ControllerNode, FORMATTED, FeatureRange, Features, Image,
    LeaderRecoveryState, Listener, NO_LEADER, NO_LEADER_CHANGE, Partition, Provenance, QuotaEntity,
    SUPPORTED, Security, Settings, Topic, Topics, feature, release_of, resource_type,
};
pub use loader::Loader;
pub use versions::record_version;
