//! What is taken out of a message before it is printed: record bytes, and order where it means nothing.

use std::any::Any;

use bytes::Bytes;
use ottla_wire::{
    Records,
    messages::{
        api_versions_response::ApiVersionsResponse, describe_configs_response::DescribeConfigsResponse,
        describe_log_dirs_response::DescribeLogDirsResponse, fetch_response::FetchResponse,
        list_config_resources_response::ListConfigResourcesResponse,
        list_groups_response::ListGroupsResponse, metadata_response::MetadataResponse,
        produce_request::ProduceRequest, produce_response::ProduceResponse,
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

/// The number that stands for the bytes that were taken out.
fn token(node: &Node) -> Option<usize> {
    match node {
        Node::Leaf(text) => text.strip_prefix("b\"@@")?.strip_suffix("@@\"")?.parse().ok(),
        Node::Branch { items, .. } => items.iter().find_map(token),
    }
}

/// Puts a number in the place of each record set.
fn take_records(message: &mut dyn Any) -> Vec<Bytes> {
    let mut taken = Vec::new();
    let mut take = |records: &mut Option<Records>| {
        if let Some(found) = records.take_if(|records| !records.is_empty()) {
            *records = Some(Bytes::from(format!("@@{}@@", taken.len())).into());
            taken.push(found.into_contiguous());
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

/// Kafka keeps these in hash tables: their order is another one on another day.
fn sort(message: &mut dyn Any) {
    if let Some(response) = message.downcast_mut::<MetadataResponse>() {
        response.topics.sort_by(|a, b| (&a.name, a.topic_id).cmp(&(&b.name, b.topic_id)));
        for topic in &mut response.topics {
            topic.partitions.sort_by_key(|partition| partition.partition_index);
        }
    } else if let Some(response) = message.downcast_mut::<ProduceResponse>() {
        response.responses.sort_by(|a, b| a.name.cmp(&b.name));
        for topic in &mut response.responses {
            topic.partition_responses.sort_by_key(|partition| partition.index);
        }
    } else if let Some(response) = message.downcast_mut::<ApiVersionsResponse>() {
        response.api_keys.sort_by_key(|api| api.api_key);
        response.supported_features.sort_by(|a, b| a.name.cmp(&b.name));
        response.finalized_features.sort_by(|a, b| a.name.cmp(&b.name));
    } else if let Some(response) = message.downcast_mut::<DescribeConfigsResponse>() {
        for result in &mut response.results {
            result.configs.sort_by(|a, b| a.name.cmp(&b.name));
        }
    } else if let Some(response) = message.downcast_mut::<DescribeLogDirsResponse>() {
        for dir in &mut response.results {
            dir.topics.sort_by(|a, b| a.name.cmp(&b.name));
            dir.topics.iter_mut().for_each(|topic| topic.partitions.sort_by_key(|p| p.partition_index));
        }
    } else if let Some(response) = message.downcast_mut::<ListGroupsResponse>() {
        response.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
    } else if let Some(response) = message.downcast_mut::<ListConfigResourcesResponse>() {
        response
            .config_resources
            .sort_by(|a, b| (a.resource_type, &a.resource_name).cmp(&(b.resource_type, &b.resource_name)));
    }
}
