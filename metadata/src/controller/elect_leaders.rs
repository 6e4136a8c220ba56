use super::{
    Refusal,
    draft::Draft,
    partition_change::{Election, PartitionChange},
};
use crate::NO_LEADER;
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    elect_leaders_request::{ElectLeadersRequest, TopicPartitions},
    elect_leaders_response::{ElectLeadersResponse, PartitionResult, ReplicaElectionResult},
};

/// Elects leaders of the named partitions, or of all (`topic_partitions` null: then every topic is answered, but only
/// with the partitions that needed an election).
pub(super) fn elect_leaders(draft: &mut Draft, request: &ElectLeadersRequest) -> ElectLeadersResponse {
    let election = match request.election_type {
        0 => Election::Preferred,
        1 => Election::Unclean,
        _ => return unknown_type(request),
    };
    let all = request.topic_partitions.is_none();
    let named = request.topic_partitions.clone().unwrap_or_else(|| every_partition(draft));
    let mut results = Vec::with_capacity(named.len());
    for asked in named {
        let mut partitions = Vec::new();
        for partition_id in asked.partitions {
            let result = elect(draft, &asked.topic, partition_id, election);
            let (error_code, error_message) = match result {
                Ok(()) => (ErrorCode::NONE, None),
                Err(refusal) if all && refusal.code == ErrorCode::ELECTION_NOT_NEEDED => continue,
                Err(refusal) => (refusal.code, refusal.message),
            };
            partitions.push(PartitionResult { partition_id, error_code, error_message });
        }
        results.push(ReplicaElectionResult { topic: asked.topic, partition_result: partitions });
    }
    ElectLeadersResponse { replica_election_results: results, ..ElectLeadersResponse::default() }
}

fn unknown_type(request: &ElectLeadersRequest) -> ElectLeadersResponse {
    let text = Str::from(format!("Unknown election type {}", request.election_type));
    let result = |partition_id: &i32| PartitionResult {
        partition_id: *partition_id,
        error_code: ErrorCode::INVALID_REQUEST,
        error_message: Some(text.clone()),
    };
    let topic = |asked: &TopicPartitions| ReplicaElectionResult {
        topic: asked.topic.clone(),
        partition_result: asked.partitions.iter().map(result).collect(),
    };
    ElectLeadersResponse {
        error_code: ErrorCode::INVALID_REQUEST,
        replica_election_results: request.topic_partitions.iter().flatten().map(topic).collect(),
        ..ElectLeadersResponse::default()
    }
}

fn every_partition(draft: &Draft) -> Vec<TopicPartitions> {
    let topics = draft.image.topics.iter();
    let named = topics.map(|topic| TopicPartitions {
        topic: topic.name.clone(),
        partitions: topic.partitions.keys().copied().collect(),
    });
    named.collect()
}

fn elect(draft: &mut Draft, name: &Str, partition_id: i32, election: Election) -> Result<(), Refusal> {
    let unknown = |text: String| Refusal::new(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, text);
    let not_needed = || {
        let text = "Leader election not needed for topic partition.";
        Refusal::new(ErrorCode::ELECTION_NOT_NEEDED, text)
    };
    let topic = draft.image.topics.by_name(name).cloned();
    let topic = topic.ok_or_else(|| unknown(format!("No such topic as {name}")))?;
    let partition = topic.partitions.get(&partition_id);
    let partition =
        partition.ok_or_else(|| unknown(format!("No such partition as {name}-{partition_id}")))?;
    let preferred = partition.preferred_leader();
    match election {
        Election::Preferred if partition.leader == preferred => return Err(not_needed()),
        Election::Unclean if partition.leader != NO_LEADER => return Err(not_needed()),
        _ => {}
    }
    let change = PartitionChange::new(&draft.image, name, partition).election(election);
    match change.build(topic.id, partition_id) {
        Some(record) if election == Election::Unclean || record.leader == preferred => {
            draft.push(record);
            Ok(())
        }
        _ if election == Election::Preferred => Err(Refusal::new(
            ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE,
            "The preferred leader was not available.",
        )),
        _ => Err(Refusal::new(
            ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE,
            "Eligible topic partition leaders are not available.",
        )),
    }
}
