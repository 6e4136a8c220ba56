#![allow(unreachable_pub, missing_docs, clippy::all, unused_imports, dead_code, reason="shim")]
pub mod log_records { pub mod metadata {
pub mod abort_transaction_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AbortTransactionRecord {
    pub reason: Option<Str>,
}
impl Default for AbortTransactionRecord { fn default() -> Self { Self { reason: None } } }
}
pub mod access_control_entry_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AccessControlEntryRecord {
    pub id: Uuid,
    pub resource_type: i8,
    pub resource_name: Str,
    pub pattern_type: i8,
    pub principal: Str,
    pub host: Str,
    pub operation: i8,
    pub permission_type: i8,
}
impl Default for AccessControlEntryRecord { fn default() -> Self { Self { id: Default::default(), resource_type: Default::default(), resource_name: Default::default(), pattern_type: Default::default(), principal: Default::default(), host: Default::default(), operation: Default::default(), permission_type: Default::default() } } }
}
pub mod begin_transaction_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct BeginTransactionRecord {
    pub name: Option<Str>,
}
impl Default for BeginTransactionRecord { fn default() -> Self { Self { name: None } } }
}
pub mod broker_registration_change_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct BrokerRegistrationChangeRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub fenced: i8,
    pub in_controlled_shutdown: i8,
    pub log_dirs: Vec<Uuid>,
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}
impl Default for BrokerRegistrationChangeRecord { fn default() -> Self { Self { broker_id: Default::default(), broker_epoch: Default::default(), fenced: Default::default(), in_controlled_shutdown: Default::default(), log_dirs: Default::default(), cordoned_log_dirs: None } } }
}
pub mod clear_elr_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ClearElrRecord {
    pub topic_name: Str,
}
impl Default for ClearElrRecord { fn default() -> Self { Self { topic_name: Default::default() } } }
}
pub mod client_quota_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct EntityData {
    pub entity_type: Str,
    pub entity_name: Option<Str>,
}
impl Default for EntityData { fn default() -> Self { Self { entity_type: Default::default(), entity_name: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct ClientQuotaRecord {
    pub entity: Vec<EntityData>,
    pub key: Str,
    pub value: f64,
    pub remove: bool,
}
impl Default for ClientQuotaRecord { fn default() -> Self { Self { entity: Default::default(), key: Default::default(), value: Default::default(), remove: Default::default() } } }
}
pub mod config_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ConfigRecord {
    pub resource_type: i8,
    pub resource_name: Str,
    pub name: Str,
    pub value: Option<Str>,
}
impl Default for ConfigRecord { fn default() -> Self { Self { resource_type: Default::default(), resource_name: Default::default(), name: Default::default(), value: Some(Default::default()) } } }
}
pub mod delegation_token_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct DelegationTokenRecord {
    pub owner: Str,
    pub requester: Str,
    pub renewers: Vec<Str>,
    pub issue_timestamp: i64,
    pub max_timestamp: i64,
    pub expiration_timestamp: i64,
    pub token_id: Str,
}
impl Default for DelegationTokenRecord { fn default() -> Self { Self { owner: Default::default(), requester: Default::default(), renewers: Default::default(), issue_timestamp: Default::default(), max_timestamp: Default::default(), expiration_timestamp: Default::default(), token_id: Default::default() } } }
}
pub mod end_transaction_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct EndTransactionRecord {
}
impl Default for EndTransactionRecord { fn default() -> Self { Self {  } } }
}
pub mod feature_level_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct FeatureLevelRecord {
    pub name: Str,
    pub feature_level: i16,
}
impl Default for FeatureLevelRecord { fn default() -> Self { Self { name: Default::default(), feature_level: Default::default() } } }
}
pub mod fence_broker_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct FenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}
impl Default for FenceBrokerRecord { fn default() -> Self { Self { id: Default::default(), epoch: Default::default() } } }
}
pub mod no_op_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct NoOpRecord {
}
impl Default for NoOpRecord { fn default() -> Self { Self {  } } }
}
pub mod partition_change_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct PartitionChangeRecord {
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub isr: Option<Vec<i32>>,
    pub leader: i32,
    pub replicas: Option<Vec<i32>>,
    pub removing_replicas: Option<Vec<i32>>,
    pub adding_replicas: Option<Vec<i32>>,
    pub leader_recovery_state: i8,
    pub directories: Option<Vec<Uuid>>,
    pub eligible_leader_replicas: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
}
impl Default for PartitionChangeRecord { fn default() -> Self { Self { partition_id: -1, topic_id: Default::default(), isr: None, leader: -2, replicas: None, removing_replicas: None, adding_replicas: None, leader_recovery_state: -1, directories: None, eligible_leader_replicas: None, last_known_elr: None } } }
}
pub mod partition_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct PartitionRecord {
    pub partition_id: i32,
    pub topic_id: Uuid,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub removing_replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    pub leader: i32,
    pub leader_recovery_state: i8,
    pub leader_epoch: i32,
    pub partition_epoch: i32,
    pub directories: Vec<Uuid>,
    pub eligible_leader_replicas: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
}
impl Default for PartitionRecord { fn default() -> Self { Self { partition_id: -1, topic_id: Default::default(), replicas: Default::default(), isr: Default::default(), removing_replicas: Default::default(), adding_replicas: Default::default(), leader: -1, leader_recovery_state: 0, leader_epoch: -1, partition_epoch: -1, directories: Default::default(), eligible_leader_replicas: None, last_known_elr: None } } }
}
pub mod producer_ids_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ProducerIdsRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub next_producer_id: i64,
}
impl Default for ProducerIdsRecord { fn default() -> Self { Self { broker_id: Default::default(), broker_epoch: -1, next_producer_id: Default::default() } } }
}
pub mod register_broker_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct BrokerEndpoint {
    pub name: Str,
    pub host: Str,
    pub port: u16,
    pub security_protocol: i16,
}
impl Default for BrokerEndpoint { fn default() -> Self { Self { name: Default::default(), host: Default::default(), port: Default::default(), security_protocol: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct BrokerFeature {
    pub name: Str,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}
impl Default for BrokerFeature { fn default() -> Self { Self { name: Default::default(), min_supported_version: Default::default(), max_supported_version: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct RegisterBrokerRecord {
    pub broker_id: i32,
    pub is_migrating_zk_broker: bool,
    pub incarnation_id: Uuid,
    pub broker_epoch: i64,
    pub end_points: Vec<BrokerEndpoint>,
    pub features: Vec<BrokerFeature>,
    pub rack: Option<Str>,
    pub fenced: bool,
    pub in_controlled_shutdown: bool,
    pub log_dirs: Vec<Uuid>,
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}
impl Default for RegisterBrokerRecord { fn default() -> Self { Self { broker_id: Default::default(), is_migrating_zk_broker: false, incarnation_id: Default::default(), broker_epoch: Default::default(), end_points: Default::default(), features: Default::default(), rack: Some(Default::default()), fenced: true, in_controlled_shutdown: false, log_dirs: Default::default(), cordoned_log_dirs: None } } }
}
pub mod register_controller_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ControllerEndpoint {
    pub name: Str,
    pub host: Str,
    pub port: u16,
    pub security_protocol: i16,
}
impl Default for ControllerEndpoint { fn default() -> Self { Self { name: Default::default(), host: Default::default(), port: Default::default(), security_protocol: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct ControllerFeature {
    pub name: Str,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}
impl Default for ControllerFeature { fn default() -> Self { Self { name: Default::default(), min_supported_version: Default::default(), max_supported_version: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct RegisterControllerRecord {
    pub controller_id: i32,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    pub end_points: Vec<ControllerEndpoint>,
    pub features: Vec<ControllerFeature>,
}
impl Default for RegisterControllerRecord { fn default() -> Self { Self { controller_id: Default::default(), incarnation_id: Default::default(), zk_migration_ready: Default::default(), end_points: Default::default(), features: Default::default() } } }
}
pub mod remove_access_control_entry_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct RemoveAccessControlEntryRecord {
    pub id: Uuid,
}
impl Default for RemoveAccessControlEntryRecord { fn default() -> Self { Self { id: Default::default() } } }
}
pub mod remove_delegation_token_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct RemoveDelegationTokenRecord {
    pub token_id: Str,
}
impl Default for RemoveDelegationTokenRecord { fn default() -> Self { Self { token_id: Default::default() } } }
}
pub mod remove_topic_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct RemoveTopicRecord {
    pub topic_id: Uuid,
}
impl Default for RemoveTopicRecord { fn default() -> Self { Self { topic_id: Default::default() } } }
}
pub mod remove_user_scram_credential_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct RemoveUserScramCredentialRecord {
    pub name: Str,
    pub mechanism: i8,
}
impl Default for RemoveUserScramCredentialRecord { fn default() -> Self { Self { name: Default::default(), mechanism: Default::default() } } }
}
pub mod topic_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct TopicRecord {
    pub name: Str,
    pub topic_id: Uuid,
}
impl Default for TopicRecord { fn default() -> Self { Self { name: Default::default(), topic_id: Default::default() } } }
}
pub mod unfence_broker_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct UnfenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}
impl Default for UnfenceBrokerRecord { fn default() -> Self { Self { id: Default::default(), epoch: Default::default() } } }
}
pub mod unregister_broker_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct UnregisterBrokerRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
}
impl Default for UnregisterBrokerRecord { fn default() -> Self { Self { broker_id: Default::default(), broker_epoch: Default::default() } } }
}
pub mod user_scram_credential_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct UserScramCredentialRecord {
    pub name: Str,
    pub mechanism: i8,
    pub salt: Bytes,
    pub stored_key: Bytes,
    pub server_key: Bytes,
    pub iterations: i32,
}
impl Default for UserScramCredentialRecord { fn default() -> Self { Self { name: Default::default(), mechanism: Default::default(), salt: Default::default(), stored_key: Default::default(), server_key: Default::default(), iterations: Default::default() } } }
}
pub mod zk_migration_state_record { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ZkMigrationStateRecord {
    pub zk_migration_state: i8,
}
impl Default for ZkMigrationStateRecord { fn default() -> Self { Self { zk_migration_state: Default::default() } } }
}
#[derive(Debug, Clone, PartialEq)] pub enum MetadataRecord {
  RegisterBroker(register_broker_record::RegisterBrokerRecord),
  UnregisterBroker(unregister_broker_record::UnregisterBrokerRecord),
  Topic(topic_record::TopicRecord),
  Partition(partition_record::PartitionRecord),
  Config(config_record::ConfigRecord),
  PartitionChange(partition_change_record::PartitionChangeRecord),
  FenceBroker(fence_broker_record::FenceBrokerRecord),
  UnfenceBroker(unfence_broker_record::UnfenceBrokerRecord),
  RemoveTopic(remove_topic_record::RemoveTopicRecord),
  DelegationToken(delegation_token_record::DelegationTokenRecord),
  UserScramCredential(user_scram_credential_record::UserScramCredentialRecord),
  FeatureLevel(feature_level_record::FeatureLevelRecord),
  ClientQuota(client_quota_record::ClientQuotaRecord),
  ProducerIds(producer_ids_record::ProducerIdsRecord),
  BrokerRegistrationChange(broker_registration_change_record::BrokerRegistrationChangeRecord),
  AccessControlEntry(access_control_entry_record::AccessControlEntryRecord),
  RemoveAccessControlEntry(remove_access_control_entry_record::RemoveAccessControlEntryRecord),
  NoOp(no_op_record::NoOpRecord),
  ZkMigrationState(zk_migration_state_record::ZkMigrationStateRecord),
  RemoveUserScramCredential(remove_user_scram_credential_record::RemoveUserScramCredentialRecord),
  BeginTransaction(begin_transaction_record::BeginTransactionRecord),
  EndTransaction(end_transaction_record::EndTransactionRecord),
  AbortTransaction(abort_transaction_record::AbortTransactionRecord),
  RemoveDelegationToken(remove_delegation_token_record::RemoveDelegationTokenRecord),
  RegisterController(register_controller_record::RegisterControllerRecord),
  ClearElr(clear_elr_record::ClearElrRecord),
} } }
pub mod messages {
pub mod create_topics_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct CreatableReplicaAssignment {
    pub partition_index: i32,
    pub broker_ids: Vec<i32>,
}
impl Default for CreatableReplicaAssignment { fn default() -> Self { Self { partition_index: Default::default(), broker_ids: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreatableTopicConfig {
    pub name: Str,
    pub value: Option<Str>,
}
impl Default for CreatableTopicConfig { fn default() -> Self { Self { name: Default::default(), value: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreatableTopic {
    pub name: Str,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub assignments: Vec<CreatableReplicaAssignment>,
    pub configs: Vec<CreatableTopicConfig>,
}
impl Default for CreatableTopic { fn default() -> Self { Self { name: Default::default(), num_partitions: Default::default(), replication_factor: Default::default(), assignments: Default::default(), configs: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreateTopicsRequest {
    pub topics: Vec<CreatableTopic>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}
impl Default for CreateTopicsRequest { fn default() -> Self { Self { topics: Default::default(), timeout_ms: 60000, validate_only: false } } }
}
pub mod create_topics_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct CreatableTopicConfigs {
    pub name: Str,
    pub value: Option<Str>,
    pub read_only: bool,
    pub config_source: i8,
    pub is_sensitive: bool,
}
impl Default for CreatableTopicConfigs { fn default() -> Self { Self { name: Default::default(), value: Some(Default::default()), read_only: Default::default(), config_source: -1, is_sensitive: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreatableTopicResult {
    pub name: Str,
    pub topic_id: Uuid,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
    pub topic_config_error_code: i16,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}
impl Default for CreatableTopicResult { fn default() -> Self { Self { name: Default::default(), topic_id: Default::default(), error_code: Default::default(), error_message: Some(Default::default()), topic_config_error_code: Default::default(), num_partitions: -1, replication_factor: -1, configs: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreateTopicsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult>,
}
impl Default for CreateTopicsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), topics: Default::default() } } }
}
pub mod delete_topics_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct DeleteTopicState {
    pub name: Option<Str>,
    pub topic_id: Uuid,
}
impl Default for DeleteTopicState { fn default() -> Self { Self { name: None, topic_id: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct DeleteTopicsRequest {
    pub topics: Vec<DeleteTopicState>,
    pub topic_names: Vec<Str>,
    pub timeout_ms: i32,
}
impl Default for DeleteTopicsRequest { fn default() -> Self { Self { topics: Default::default(), topic_names: Default::default(), timeout_ms: Default::default() } } }
}
pub mod delete_topics_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct DeletableTopicResult {
    pub name: Option<Str>,
    pub topic_id: Uuid,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
}
impl Default for DeletableTopicResult { fn default() -> Self { Self { name: Some(Default::default()), topic_id: Default::default(), error_code: Default::default(), error_message: None } } }
#[derive(Debug, Clone, PartialEq)] pub struct DeleteTopicsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<DeletableTopicResult>,
}
impl Default for DeleteTopicsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), responses: Default::default() } } }
}
pub mod create_partitions_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct CreatePartitionsAssignment {
    pub broker_ids: Vec<i32>,
}
impl Default for CreatePartitionsAssignment { fn default() -> Self { Self { broker_ids: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreatePartitionsTopic {
    pub name: Str,
    pub count: i32,
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}
impl Default for CreatePartitionsTopic { fn default() -> Self { Self { name: Default::default(), count: Default::default(), assignments: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreatePartitionsRequest {
    pub topics: Vec<CreatePartitionsTopic>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}
impl Default for CreatePartitionsRequest { fn default() -> Self { Self { topics: Default::default(), timeout_ms: Default::default(), validate_only: Default::default() } } }
}
pub mod create_partitions_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct CreatePartitionsTopicResult {
    pub name: Str,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
}
impl Default for CreatePartitionsTopicResult { fn default() -> Self { Self { name: Default::default(), error_code: Default::default(), error_message: None } } }
#[derive(Debug, Clone, PartialEq)] pub struct CreatePartitionsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<CreatePartitionsTopicResult>,
}
impl Default for CreatePartitionsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), results: Default::default() } } }
}
pub mod elect_leaders_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct TopicPartitions {
    pub topic: Str,
    pub partitions: Vec<i32>,
}
impl Default for TopicPartitions { fn default() -> Self { Self { topic: Default::default(), partitions: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct ElectLeadersRequest {
    pub election_type: i8,
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    pub timeout_ms: i32,
}
impl Default for ElectLeadersRequest { fn default() -> Self { Self { election_type: Default::default(), topic_partitions: Some(Default::default()), timeout_ms: 60000 } } }
}
pub mod elect_leaders_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct PartitionResult {
    pub partition_id: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
}
impl Default for PartitionResult { fn default() -> Self { Self { partition_id: Default::default(), error_code: Default::default(), error_message: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct ReplicaElectionResult {
    pub topic: Str,
    pub partition_result: Vec<PartitionResult>,
}
impl Default for ReplicaElectionResult { fn default() -> Self { Self { topic: Default::default(), partition_result: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct ElectLeadersResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub replica_election_results: Vec<ReplicaElectionResult>,
}
impl Default for ElectLeadersResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), error_code: Default::default(), replica_election_results: Default::default() } } }
}
pub mod alter_partition_reassignments_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ReassignablePartition {
    pub partition_index: i32,
    pub replicas: Option<Vec<i32>>,
}
impl Default for ReassignablePartition { fn default() -> Self { Self { partition_index: Default::default(), replicas: None } } }
#[derive(Debug, Clone, PartialEq)] pub struct ReassignableTopic {
    pub name: Str,
    pub partitions: Vec<ReassignablePartition>,
}
impl Default for ReassignableTopic { fn default() -> Self { Self { name: Default::default(), partitions: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct AlterPartitionReassignmentsRequest {
    pub timeout_ms: i32,
    pub allow_replication_factor_change: bool,
    pub topics: Vec<ReassignableTopic>,
}
impl Default for AlterPartitionReassignmentsRequest { fn default() -> Self { Self { timeout_ms: 60000, allow_replication_factor_change: true, topics: Default::default() } } }
}
pub mod alter_partition_reassignments_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ReassignablePartitionResponse {
    pub partition_index: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
}
impl Default for ReassignablePartitionResponse { fn default() -> Self { Self { partition_index: Default::default(), error_code: Default::default(), error_message: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct ReassignableTopicResponse {
    pub name: Str,
    pub partitions: Vec<ReassignablePartitionResponse>,
}
impl Default for ReassignableTopicResponse { fn default() -> Self { Self { name: Default::default(), partitions: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct AlterPartitionReassignmentsResponse {
    pub throttle_time_ms: i32,
    pub allow_replication_factor_change: bool,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
    pub responses: Vec<ReassignableTopicResponse>,
}
impl Default for AlterPartitionReassignmentsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), allow_replication_factor_change: true, error_code: Default::default(), error_message: Some(Default::default()), responses: Default::default() } } }
}
pub mod list_partition_reassignments_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct ListPartitionReassignmentsTopics {
    pub name: Str,
    pub partition_indexes: Vec<i32>,
}
impl Default for ListPartitionReassignmentsTopics { fn default() -> Self { Self { name: Default::default(), partition_indexes: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct ListPartitionReassignmentsRequest {
    pub timeout_ms: i32,
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}
impl Default for ListPartitionReassignmentsRequest { fn default() -> Self { Self { timeout_ms: 60000, topics: None } } }
}
pub mod list_partition_reassignments_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct OngoingPartitionReassignment {
    pub partition_index: i32,
    pub replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    pub removing_replicas: Vec<i32>,
}
impl Default for OngoingPartitionReassignment { fn default() -> Self { Self { partition_index: Default::default(), replicas: Default::default(), adding_replicas: Default::default(), removing_replicas: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct OngoingTopicReassignment {
    pub name: Str,
    pub partitions: Vec<OngoingPartitionReassignment>,
}
impl Default for OngoingTopicReassignment { fn default() -> Self { Self { name: Default::default(), partitions: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct ListPartitionReassignmentsResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
    pub topics: Vec<OngoingTopicReassignment>,
}
impl Default for ListPartitionReassignmentsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), error_code: Default::default(), error_message: Some(Default::default()), topics: Default::default() } } }
}
pub mod broker_registration_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct Listener {
    pub name: Str,
    pub host: Str,
    pub port: u16,
    pub security_protocol: i16,
}
impl Default for Listener { fn default() -> Self { Self { name: Default::default(), host: Default::default(), port: Default::default(), security_protocol: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct Feature {
    pub name: Str,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}
impl Default for Feature { fn default() -> Self { Self { name: Default::default(), min_supported_version: Default::default(), max_supported_version: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct BrokerRegistrationRequest {
    pub broker_id: i32,
    pub cluster_id: Str,
    pub incarnation_id: Uuid,
    pub listeners: Vec<Listener>,
    pub features: Vec<Feature>,
    pub rack: Option<Str>,
    pub is_migrating_zk_broker: bool,
    pub log_dirs: Vec<Uuid>,
    pub previous_broker_epoch: i64,
}
impl Default for BrokerRegistrationRequest { fn default() -> Self { Self { broker_id: Default::default(), cluster_id: Default::default(), incarnation_id: Default::default(), listeners: Default::default(), features: Default::default(), rack: Some(Default::default()), is_migrating_zk_broker: false, log_dirs: Default::default(), previous_broker_epoch: -1 } } }
}
pub mod alter_configs_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AlterableConfig {
    pub name: Str,
    pub value: Option<Str>,
}
impl Default for AlterableConfig { fn default() -> Self { Self { name: Default::default(), value: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct AlterConfigsResource {
    pub resource_type: i8,
    pub resource_name: Str,
    pub configs: Vec<AlterableConfig>,
}
impl Default for AlterConfigsResource { fn default() -> Self { Self { resource_type: Default::default(), resource_name: Default::default(), configs: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct AlterConfigsRequest {
    pub resources: Vec<AlterConfigsResource>,
    pub validate_only: bool,
}
impl Default for AlterConfigsRequest { fn default() -> Self { Self { resources: Default::default(), validate_only: Default::default() } } }
}
pub mod alter_configs_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AlterConfigsResourceResponse {
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
    pub resource_type: i8,
    pub resource_name: Str,
}
impl Default for AlterConfigsResourceResponse { fn default() -> Self { Self { error_code: Default::default(), error_message: Some(Default::default()), resource_type: Default::default(), resource_name: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct AlterConfigsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<AlterConfigsResourceResponse>,
}
impl Default for AlterConfigsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), responses: Default::default() } } }
}
pub mod incremental_alter_configs_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AlterableConfig {
    pub name: Str,
    pub config_operation: i8,
    pub value: Option<Str>,
}
impl Default for AlterableConfig { fn default() -> Self { Self { name: Default::default(), config_operation: Default::default(), value: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct AlterConfigsResource {
    pub resource_type: i8,
    pub resource_name: Str,
    pub configs: Vec<AlterableConfig>,
}
impl Default for AlterConfigsResource { fn default() -> Self { Self { resource_type: Default::default(), resource_name: Default::default(), configs: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct IncrementalAlterConfigsRequest {
    pub resources: Vec<AlterConfigsResource>,
    pub validate_only: bool,
}
impl Default for IncrementalAlterConfigsRequest { fn default() -> Self { Self { resources: Default::default(), validate_only: Default::default() } } }
}
pub mod incremental_alter_configs_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AlterConfigsResourceResponse {
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
    pub resource_type: i8,
    pub resource_name: Str,
}
impl Default for AlterConfigsResourceResponse { fn default() -> Self { Self { error_code: Default::default(), error_message: Some(Default::default()), resource_type: Default::default(), resource_name: Default::default() } } }
#[derive(Debug, Clone, PartialEq)] pub struct IncrementalAlterConfigsResponse {
    pub throttle_time_ms: i32,
    pub responses: Vec<AlterConfigsResourceResponse>,
}
impl Default for IncrementalAlterConfigsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), responses: Default::default() } } }
}
pub mod update_features_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct FeatureUpdateKey {
    pub feature: Str,
    pub max_version_level: i16,
    pub allow_downgrade: bool,
    pub upgrade_type: i8,
}
impl Default for FeatureUpdateKey { fn default() -> Self { Self { feature: Default::default(), max_version_level: Default::default(), allow_downgrade: Default::default(), upgrade_type: 1 } } }
#[derive(Debug, Clone, PartialEq)] pub struct UpdateFeaturesRequest {
    pub timeout_ms: i32,
    pub feature_updates: Vec<FeatureUpdateKey>,
    pub validate_only: bool,
}
impl Default for UpdateFeaturesRequest { fn default() -> Self { Self { timeout_ms: 60000, feature_updates: Default::default(), validate_only: false } } }
}
pub mod update_features_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct UpdatableFeatureResult {
    pub feature: Str,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
}
impl Default for UpdatableFeatureResult { fn default() -> Self { Self { feature: Default::default(), error_code: Default::default(), error_message: Some(Default::default()) } } }
#[derive(Debug, Clone, PartialEq)] pub struct UpdateFeaturesResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub error_message: Option<Str>,
    pub results: Vec<UpdatableFeatureResult>,
}
impl Default for UpdateFeaturesResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), error_code: Default::default(), error_message: Some(Default::default()), results: Default::default() } } }
}
pub mod allocate_producer_ids_request { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AllocateProducerIdsRequest {
    pub broker_id: i32,
    pub broker_epoch: i64,
}
impl Default for AllocateProducerIdsRequest { fn default() -> Self { Self { broker_id: Default::default(), broker_epoch: -1 } } }
}
pub mod allocate_producer_ids_response { use ottla_types::*; use bytes::Bytes;
#[derive(Debug, Clone, PartialEq)] pub struct AllocateProducerIdsResponse {
    pub throttle_time_ms: i32,
    pub error_code: ErrorCode,
    pub producer_id_start: i64,
    pub producer_id_len: i32,
}
impl Default for AllocateProducerIdsResponse { fn default() -> Self { Self { throttle_time_ms: Default::default(), error_code: Default::default(), producer_id_start: Default::default(), producer_id_len: Default::default() } } }
}
}
