//! The one table of APIs: what stands here is advertised, routed, counted and documented, and nothing else is.
//!
//! A row names the API, the versions this broker serves and the handler. Adding an API is one row here and one file
//! under `api/`.

use std::ops::RangeInclusive;

use bytes::Bytes;
use ottla_net::Outcome;
use ottla_wire::ApiKey;

use crate::{
    api,
    call::Call,
    dispatch::{Slip, decode},
};

/// One API as it is advertised.
#[derive(Debug, Clone)]
pub struct Api {
    /// Which API.
    pub key: ApiKey,
    /// The versions this broker serves, lowest to highest.
    pub versions: RangeInclusive<i16>,
}

macro_rules! apis {
    ($($key:ident $lowest:literal ..= $highest:literal => $($handler:ident)::+;)*) => {
        /// Every API this broker serves, in order of its key.
        #[must_use]
        pub fn table() -> Vec<Api> {
            vec![$(Api { key: ApiKey::$key, versions: $lowest..=$highest }),*]
        }

        /// The versions at which an API is served; `None` when it is not.
        #[must_use]
        pub(crate) fn versions(key: ApiKey) -> Option<RangeInclusive<i16>> {
            match key {
                $(ApiKey::$key => Some($lowest..=$highest),)*
                _ => None,
            }
        }

        /// Runs the handler of `call`'s API on `body`. The version has been checked against the table.
        ///
        /// Each handler's future is boxed, so that a connection's task is not as large as the largest of them.
        pub(crate) async fn route(call: &Call, body: Bytes, slip: Slip) -> Outcome {
            match call.key {
                $(ApiKey::$key => match decode(call, body) {
                    Ok(request) => slip.respond(Box::pin(api::$($handler)::+::handle(call, request)).await),
                    Err(outcome) => slip.count(outcome),
                },)*
                _ => slip.count(Outcome::Close),
            }
        }
    };
}

apis! {
    Produce 0..=13 => data::produce;
    Fetch 4..=18 => data::fetch;
    ListOffsets 0..=11 => data::list_offsets;
    Metadata 0..=13 => cluster::metadata;
    OffsetCommit 1..=10 => group::offset_commit;
    OffsetFetch 1..=10 => group::offset_fetch;
    FindCoordinator 0..=6 => group::find_coordinator;
    JoinGroup 0..=9 => group::join_group;
    Heartbeat 0..=4 => group::heartbeat;
    LeaveGroup 0..=5 => group::leave_group;
    SyncGroup 0..=5 => group::sync_group;
    DescribeGroups 0..=6 => group::describe_groups;
    ListGroups 0..=5 => group::list_groups;
    ApiVersions 0..=4 => cluster::api_versions;
    CreateTopics 0..=7 => admin::create_topics;
    DeleteTopics 0..=6 => admin::delete_topics;
    DeleteRecords 0..=2 => data::delete_records;
    InitProducerId 0..=5 => data::init_producer_id;
    OffsetForLeaderEpoch 0..=4 => data::offset_for_leader_epoch;
    AddPartitionsToTxn 0..=5 => transaction::add_partitions_to_txn;
    AddOffsetsToTxn 0..=4 => transaction::add_offsets_to_txn;
    EndTxn 0..=5 => transaction::end_txn;
    WriteTxnMarkers 1..=2 => transaction::write_txn_markers;
    TxnOffsetCommit 0..=5 => transaction::txn_offset_commit;
    DescribeConfigs 0..=4 => admin::describe_configs;
    AlterConfigs 0..=2 => admin::alter_configs;
    DescribeLogDirs 0..=5 => admin::describe_log_dirs;
    CreatePartitions 0..=3 => admin::create_partitions;
    DeleteGroups 0..=2 => group::delete_groups;
    ElectLeaders 0..=2 => admin::elect_leaders;
    IncrementalAlterConfigs 0..=1 => admin::incremental_alter_configs;
    ListPartitionReassignments 0..=0 => admin::list_partition_reassignments;
    OffsetDelete 0..=0 => group::offset_delete;
    DescribeQuorum 0..=2 => admin::describe_quorum;
    UpdateFeatures 0..=2 => admin::update_features;
    DescribeCluster 0..=2 => admin::describe_cluster;
    DescribeProducers 0..=0 => data::describe_producers;
    DescribeTransactions 0..=0 => transaction::describe_transactions;
    ListTransactions 0..=2 => transaction::list_transactions;
    ConsumerGroupHeartbeat 0..=1 => group::consumer_group_heartbeat;
    ConsumerGroupDescribe 0..=1 => group::consumer_group_describe;
    ListConfigResources 0..=1 => admin::list_config_resources;
    DescribeTopicPartitions 0..=0 => admin::describe_topic_partitions;
}
