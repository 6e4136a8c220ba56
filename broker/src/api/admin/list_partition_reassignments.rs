//! ListPartitionReassignments (key 46), version 0. The reassignments that run, of the named partitions or of all (null);
//! what is not being reassigned, or does not exist, is left out.

use ottla_metadata::{Image, Topic};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    list_partition_reassignments_request::ListPartitionReassignmentsRequest,
    list_partition_reassignments_response::{
        ListPartitionReassignmentsResponse, OngoingPartitionReassignment, OngoingTopicReassignment,
    },
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: ListPartitionReassignmentsRequest,
) -> Result<Answer<ListPartitionReassignmentsResponse>, ErrorCode> {
    Ok(list(&call.broker.image(), &request).into())
}

fn list(image: &Image, request: &ListPartitionReassignmentsRequest) -> ListPartitionReassignmentsResponse {
    let topics = match &request.topics {
        None => image.topics.iter().filter_map(|topic| ongoing(topic, None)).collect(),
        Some(named) => named
            .iter()
            .filter_map(|asked| {
                let topic = image.topics.by_name(&asked.name)?;
                ongoing(topic, Some(&asked.partition_indexes))
            })
            .collect(),
    };
    ListPartitionReassignmentsResponse { topics, ..ListPartitionReassignmentsResponse::default() }
}

fn ongoing(topic: &Topic, only: Option<&[i32]>) -> Option<OngoingTopicReassignment> {
    let wanted = topic.partitions.iter().filter(|(number, partition)| {
        partition.is_reassigning() && only.is_none_or(|only| only.contains(number))
    });
    let partitions: Vec<_> = wanted
        .map(|(number, partition)| OngoingPartitionReassignment {
            partition_index: *number,
            replicas: partition.replicas.clone(),
            adding_replicas: partition.adding_replicas.clone(),
            removing_replicas: partition.removing_replicas.clone(),
        })
        .collect();
    (!partitions.is_empty()).then(|| OngoingTopicReassignment { name: topic.name.clone(), partitions })
}
