use super::{BrokerHeartbeat, ConfigChanges, FeatureUpdate, HeartbeatAnswer, ProducerIdBlock, Refusal};
use crate::{ConfigResource, ControllerNode};
use ottla_types::{ErrorCode, Uuid};
use ottla_wire::messages::{
    broker_registration_request::BrokerRegistrationRequest,
    create_partitions_request::CreatePartitionsRequest, create_partitions_response::CreatePartitionsResponse,
    create_topics_request::CreateTopicsRequest, create_topics_response::CreateTopicsResponse,
    delete_topics_request::DeleteTopicsRequest, delete_topics_response::DeleteTopicsResponse,
    elect_leaders_request::ElectLeadersRequest, elect_leaders_response::ElectLeadersResponse,
};

/// What the controller is asked. Requests that already passed authorization come as they stand on the wire.
#[derive(Debug, Clone)]
pub enum Command {
    /// This process as a controller.
    RegisterController(ControllerNode),
    /// A broker announces a new incarnation; it starts fenced.
    RegisterBroker(BrokerRegistrationRequest),
    /// A broker is alive and says what it wants.
    Heartbeat(BrokerHeartbeat),
    /// A broker is removed for good.
    UnregisterBroker {
        /// Its node id.
        broker_id: i32,
    },
    /// Creates topics. `ids` holds one random, usable id per topic of the request.
    CreateTopics {
        /// What was asked.
        request: CreateTopicsRequest,
        /// Ids for the topics, in the order of the request.
        ids: Vec<Uuid>,
    },
    /// Deletes topics by name or id.
    DeleteTopics(DeleteTopicsRequest),
    /// Adds partitions to topics.
    CreatePartitions(CreatePartitionsRequest),
    /// Changes settings, each resource on its own.
    AlterConfigs {
        /// What to change, per resource.
        changes: Vec<(ConfigResource, ConfigChanges)>,
        /// Checks only.
        validate_only: bool,
    },
    /// Elects preferred leaders, or any live replica.
    ElectLeaders(ElectLeadersRequest),
    /// Moves the levels of features, all of them or none.
    UpdateFeatures {
        /// The levels.
        updates: Vec<FeatureUpdate>,
        /// What the quorum runs.
        kraft_version: i16,
        /// Checks only.
        validate_only: bool,
    },
    /// Hands a block of producer ids to a broker.
    AllocateProducerIds {
        /// Who asks.
        broker_id: i32,
        /// Its current epoch.
        broker_epoch: i64,
    },
}

/// What the controller answers, one variant per command.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The controller is registered.
    RegisterController,
    /// The broker's new epoch.
    RegisterBroker(Result<i64, ErrorCode>),
    /// How the broker stands.
    Heartbeat(Result<HeartbeatAnswer, ErrorCode>),
    /// Whether the broker was removed.
    UnregisterBroker(Result<(), Refusal>),
    /// One result per topic, in the order of the request; `configs` is left to the handler.
    CreateTopics(CreateTopicsResponse),
    /// One result per topic, in the order of the request.
    DeleteTopics(DeleteTopicsResponse),
    /// One result per topic, in the order of the request.
    CreatePartitions(CreatePartitionsResponse),
    /// One result per resource, in the order of the command.
    AlterConfigs(Vec<(ConfigResource, Result<(), Refusal>)>),
    /// One result per partition.
    ElectLeaders(ElectLeadersResponse),
    /// Whether the levels moved.
    UpdateFeatures(Result<(), Refusal>),
    /// The ids.
    AllocateProducerIds(Result<ProducerIdBlock, ErrorCode>),
}
