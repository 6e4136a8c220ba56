//! What is taken out of a message before it is printed: record bytes, and order where it means nothing.

use std::any::Any;

use bytes::Bytes;
use ottla_wire::{
    Records,
    messages::{
        add_partitions_to_txn_response::AddPartitionsToTxnResponse,
        api_versions_response::ApiVersionsResponse, create_partitions_response::CreatePartitionsResponse,
        delete_groups_response::DeleteGroupsResponse, delete_records_response::DeleteRecordsResponse,
        delete_topics_response::DeleteTopicsResponse, describe_configs_response::DescribeConfigsResponse,
        describe_groups_response::DescribeGroupsResponse,
        describe_log_dirs_response::DescribeLogDirsResponse,
        describe_transactions_response::DescribeTransactionsResponse,
        elect_leaders_response::ElectLeadersResponse, fetch_response::FetchResponse,
        join_group_response::JoinGroupResponse, list_config_resources_response::ListConfigResourcesResponse,
        list_groups_response::ListGroupsResponse, list_offsets_response::ListOffsetsResponse,
        list_transactions_request::ListTransactionsRequest, metadata_response::MetadataResponse,
        offset_commit_response::OffsetCommitResponse, offset_delete_response::OffsetDeleteResponse,
        offset_fetch_response::OffsetFetchResponse,
        offset_for_leader_epoch_response::OffsetForLeaderEpochResponse, produce_request::ProduceRequest,
        produce_response::ProduceResponse, write_txn_markers_response::WriteTxnMarkersResponse,
    },
};

use crate::{records_text, tree::Node};

/// The tree of a message, records decoded.
pub(crate) fn tree<M: std::fmt::Debug + Clone + 'static>(message: &M) -> Node {
    let mut message = message.clone();
    let batches = take_records(&mut message);
    sort(&mut message);
    let mut node = Node::parse(&format!("{message:#?}"));
    node.each_branch(&|node| {
        let Node::Branch { head, .. } = node else { return None };
        let field = head
            .strip_suffix("Records {")
            .or_else(|| head.strip_suffix("records: {").map(|_| "records: "))?;
        let at: usize = token(node)?;
        let items =
            records_text::describe(batches[at].clone()).iter().map(|text| Node::parse(text)).collect();
        Some(Node::Branch { head: format!("{field}["), items, close: ']' })
    });
    node
}

/// Members are kept by id, which is another one every time: what has been masked puts them in order.
pub(crate) fn sort_masked(message: &dyn Any, node: &mut Node) {
    if message.is::<JoinGroupResponse>() || message.is::<DescribeGroupsResponse>() {
        node.sort_list("members");
    }
}

/// The number that stands for the bytes that were taken out.
fn token(node: &Node) -> Option<usize> {
    match node {
        Node::Leaf(text) => text.strip_prefix("Memory(b\"@@")?.strip_suffix("@@\")")?.parse().ok(),
        Node::Branch { items, .. } => items.iter().find_map(token),
    }
}

/// Puts a number in the place of each record set.
fn take_records(message: &mut dyn Any) -> Vec<Bytes> {
    let mut taken = Vec::new();
    let mut take = |records: &mut Option<Records>| {
        if let Some(found) = records.take_if(|records| !records.is_empty()) {
            *records = Some(Bytes::from(format!("@@{}@@", taken.len())).into());
            taken.push(found.into_memory());
        } else if records.is_some() {
            *records = Some(Records::default());
        }
    };
    if let Some(request) = message.downcast_mut::<ProduceRequest>() {
        let topics = request.topic_data.iter_mut();
        topics.flat_map(|topic| &mut topic.partition_data).for_each(|partition| take(&mut partition.records));
    } else if let Some(response) = message.downcast_mut::<FetchResponse>() {
        let topics = response.responses.iter_mut();
        topics.flat_map(|topic| &mut topic.partitions).for_each(|partition| take(&mut partition.records));
    }
    taken
}

/// Kafka keeps these in hash tables: their order is another one on another day, or follows from hashes of names.
fn sort(message: &mut dyn Any) {
    macro_rules! sorted {
        ($($type:ty: $list:ident by $key:expr $(, $inner:ident by $inner_key:expr)?;)*) => {$(
            if let Some(message) = message.downcast_mut::<$type>() {
                message.$list.sort_by_key($key);
                $(message.$list.iter_mut().for_each(|item| item.$inner.sort_by_key($inner_key));)?
            }
        )*};
    }
    sorted! {
        MetadataResponse: topics by |topic| (topic.name.clone(), topic.topic_id), partitions by |p| p.partition_index;
        ProduceResponse: responses by |topic| topic.name.clone(), partition_responses by |p| p.index;
        ListOffsetsResponse: topics by |topic| topic.name.clone(), partitions by |p| p.partition_index;
        OffsetForLeaderEpochResponse: topics by |topic| topic.topic.clone(), partitions by |p| p.partition;
        DeleteRecordsResponse: topics by |topic| topic.name.clone(), partitions by |p| p.partition_index;
        ApiVersionsResponse: api_keys by |api| api.api_key;
        ApiVersionsResponse: supported_features by |feature| feature.name.clone();
        ApiVersionsResponse: finalized_features by |feature| feature.name.clone();
        CreatePartitionsResponse: results by |topic| topic.name.clone();
        DeleteTopicsResponse: responses by |topic| (topic.name.clone(), topic.error_code.0);
        ElectLeadersResponse: replica_election_results by |topic| topic.topic.clone(), partition_result by |p| p.partition_id;
        DescribeConfigsResponse: results by |result| (result.resource_type, result.resource_name.clone()), configs by |config| config.name.clone();
        OffsetFetchResponse: topics by |topic| topic.name.clone(), partitions by |p| p.partition_index;
        OffsetCommitResponse: topics by |topic| topic.name.clone(), partitions by |p| p.partition_index;
        OffsetDeleteResponse: topics by |topic| topic.name.clone(), partitions by |p| p.partition_index;
        DescribeGroupsResponse: groups by |group| group.group_id.clone();
        DeleteGroupsResponse: results by |group| group.group_id.clone();
        ListGroupsResponse: groups by |group| group.group_id.clone();
        AddPartitionsToTxnResponse: results_by_topic_v3_and_below by |topic| topic.name.clone(), results_by_partition by |p| p.partition_index;
        ListConfigResourcesResponse: config_resources by |resource| (resource.resource_type, resource.resource_name.clone());
    }
    if let Some(response) = message.downcast_mut::<OffsetFetchResponse>() {
        for group in &mut response.groups {
            // From version 10 on there are no names, and ids have no order.
            group.topics.sort_by_key(|topic| {
                (topic.name.clone(), topic.partitions.iter().map(|p| p.committed_offset).max())
            });
            group.topics.iter_mut().for_each(|topic| topic.partitions.sort_by_key(|p| p.partition_index));
        }
    }
    sort_transactions(message);
    if let Some(response) = message.downcast_mut::<DescribeLogDirsResponse>() {
        for dir in &mut response.results {
            dir.topics.sort_by(|a, b| a.name.cmp(&b.name));
            dir.topics.iter_mut().for_each(|topic| topic.partitions.sort_by_key(|p| p.partition_index));
        }
    }
}

fn sort_transactions(message: &mut dyn Any) {
    if let Some(response) = message.downcast_mut::<AddPartitionsToTxnResponse>() {
        let topics = response.results_by_transaction.iter_mut().flat_map(|result| &mut result.topic_results);
        topics.for_each(|topic| topic.results_by_partition.sort_by_key(|p| p.partition_index));
    }
    if let Some(response) = message.downcast_mut::<DescribeTransactionsResponse>() {
        let topics = response.transaction_states.iter_mut().flat_map(|state| &mut state.topics);
        topics.for_each(|topic| topic.partitions.sort_unstable());
    }
    if let Some(response) = message.downcast_mut::<WriteTxnMarkersResponse>() {
        let topics = response.markers.iter_mut().flat_map(|marker| &mut marker.topics);
        topics.for_each(|topic| topic.partitions.sort_by_key(|p| p.partition_index));
    }
    if let Some(request) = message.downcast_mut::<ListTransactionsRequest>() {
        // Ids are others every time.
        request.producer_id_filters.iter_mut().for_each(|id| *id = 0);
    }
}
