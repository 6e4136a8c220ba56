use super::shell::{MetadataShell, Stopped};
use ottla_metadata::{
    BrokerHeartbeat, Command, ConfigChanges, ConfigResource, FeatureUpdate, HeartbeatAnswer, ProducerIdBlock,
    Refusal, Reply,
};
use ottla_types::{ErrorCode, Uuid};
use ottla_wire::messages::{
    broker_registration_request::BrokerRegistrationRequest,
    create_partitions_request::CreatePartitionsRequest, create_partitions_response::CreatePartitionsResponse,
    create_topics_request::CreateTopicsRequest, create_topics_response::CreateTopicsResponse,
    delete_topics_request::DeleteTopicsRequest, delete_topics_response::DeleteTopicsResponse,
    elect_leaders_request::ElectLeadersRequest, elect_leaders_response::ElectLeadersResponse,
};

/// A command and the variant that answers it; any other variant means the controller is another one than we were
/// built with, which cannot happen.
macro_rules! ask {
    ($shell:expr, $command:expr, $variant:ident) => {
        match $shell.submit($command).await? {
            Reply::$variant(answer) => Ok(answer),
            _ => Err(Stopped),
        }
    };
}

impl MetadataShell {
    /// Registers a broker; the answer is its epoch.
    pub async fn register_broker(
        &self,
        request: BrokerRegistrationRequest,
    ) -> Result<Result<i64, ErrorCode>, Stopped> {
        ask!(self, Command::RegisterBroker(request), RegisterBroker)
    }

    /// A broker's sign of life: unfences, fences, or leads through controlled shutdown.
    pub async fn heartbeat(
        &self,
        beat: BrokerHeartbeat,
    ) -> Result<Result<HeartbeatAnswer, ErrorCode>, Stopped> {
        ask!(self, Command::Heartbeat(beat), Heartbeat)
    }

    /// Removes a broker for good.
    pub async fn unregister_broker(&self, broker_id: i32) -> Result<Result<(), Refusal>, Stopped> {
        ask!(self, Command::UnregisterBroker { broker_id }, UnregisterBroker)
    }

    /// Creates topics under fresh ids.
    pub async fn create_topics(&self, request: CreateTopicsRequest) -> Result<CreateTopicsResponse, Stopped> {
        let ids = request.topics.iter().map(|_| random_id()).collect();
        ask!(self, Command::CreateTopics { request, ids }, CreateTopics)
    }

    /// Deletes topics.
    pub async fn delete_topics(&self, request: DeleteTopicsRequest) -> Result<DeleteTopicsResponse, Stopped> {
        ask!(self, Command::DeleteTopics(request), DeleteTopics)
    }

    /// Adds partitions.
    pub async fn create_partitions(
        &self,
        request: CreatePartitionsRequest,
    ) -> Result<CreatePartitionsResponse, Stopped> {
        ask!(self, Command::CreatePartitions(request), CreatePartitions)
    }

    /// Changes settings; one result per resource, in order.
    pub async fn alter_configs(
        &self,
        changes: Vec<(ConfigResource, ConfigChanges)>,
        validate_only: bool,
    ) -> Result<Vec<(ConfigResource, Result<(), Refusal>)>, Stopped> {
        ask!(self, Command::AlterConfigs { changes, validate_only }, AlterConfigs)
    }

    /// Elects leaders.
    pub async fn elect_leaders(&self, request: ElectLeadersRequest) -> Result<ElectLeadersResponse, Stopped> {
        ask!(self, Command::ElectLeaders(request), ElectLeaders)
    }

    /// Moves the levels of features.
    pub async fn update_features(
        &self,
        updates: Vec<FeatureUpdate>,
        validate_only: bool,
    ) -> Result<Result<(), Refusal>, Stopped> {
        let kraft_version = self.kraft_version();
        ask!(self, Command::UpdateFeatures { updates, kraft_version, validate_only }, UpdateFeatures)
    }

    /// A block of producer ids for a broker.
    pub async fn allocate_producer_ids(
        &self,
        broker_id: i32,
        broker_epoch: i64,
    ) -> Result<Result<ProducerIdBlock, ErrorCode>, Stopped> {
        ask!(self, Command::AllocateProducerIds { broker_id, broker_epoch }, AllocateProducerIds)
    }
}

/// A fresh id for a topic, a process, a directory.
///
/// # Panics
/// When the operating system has no randomness to give.
#[must_use]
pub fn random_id() -> Uuid {
    loop {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("without the system's randomness no id is safe to hand out");
        let id = Uuid::from_random(bytes);
        if id.is_usable() {
            return id;
        }
    }
}
