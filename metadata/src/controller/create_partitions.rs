use super::{MAX_RECORDS_PER_BATCH, Refusal, assignment, create_topics::take_room, draft::Draft, placement};
use crate::Topic;
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    log_records::metadata::partition_record::PartitionRecord,
    messages::{
        create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic},
        create_partitions_response::{CreatePartitionsResponse, CreatePartitionsTopicResult},
    },
};
use std::collections::BTreeMap;

/// How many more partitions there may be, and how many in all.
pub(super) struct Room {
    pub(super) left: usize,
    pub(super) most: usize,
}

/// Adds partitions; one result per topic of the request, in order.
pub(super) fn create_partitions(
    draft: &mut Draft,
    request: &CreatePartitionsRequest,
    mut room: Room,
) -> CreatePartitionsResponse {
    let mut times: BTreeMap<&Str, usize> = BTreeMap::new();
    request.topics.iter().for_each(|topic| *times.entry(&topic.name).or_default() += 1);
    let mut results = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let Some(times) = times.remove(&topic.name) else { continue };
        let result = if times > 1 {
            Err(Refusal::new(ErrorCode::INVALID_REQUEST, "Duplicate topic name."))
        } else {
            add(draft, topic, &mut room)
        };
        let (error_code, error_message) = match result {
            Ok(()) => (ErrorCode::NONE, None),
            Err(refusal) => (refusal.code, refusal.message),
        };
        results.push(CreatePartitionsTopicResult { name: topic.name.clone(), error_code, error_message });
    }
    if request.validate_only {
        draft.records.clear();
    }
    CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() }
}

fn add(draft: &mut Draft, asked: &CreatePartitionsTopic, room: &mut Room) -> Result<(), Refusal> {
    let Some(topic) = draft.image.topics.by_name(&asked.name).cloned() else {
        return Err(Refusal::bare(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    };
    let current = topic.partitions.len() as i32;
    if asked.count == current {
        let text = format!("Topic already has {current} partition(s).");
        return Err(Refusal::new(ErrorCode::INVALID_PARTITIONS, text));
    }
    if asked.count < current {
        let text = format!(
            "The topic {} currently has {current} partition(s); {} would not be an increase.",
            asked.name, asked.count
        );
        return Err(Refusal::new(ErrorCode::INVALID_PARTITIONS, text));
    }
    let added = (asked.count - current) as usize;
    if draft.records.len() + added > MAX_RECORDS_PER_BATCH {
        let text = "Unable to perform excessively large batch operation.";
        return Err(Refusal::new(ErrorCode::POLICY_VIOLATION, text));
    }
    let partitions = match &asked.assignments {
        Some(assignments) => {
            let assignments: Vec<&[i32]> =
                assignments.iter().map(|given| given.broker_ids.as_slice()).collect();
            by_hand(draft, &topic, added, &assignments)?
        }
        None => placed(draft, &topic, current..asked.count)?,
    };
    take_room(&mut room.left, partitions.len(), room.most)?;
    partitions.into_iter().for_each(|partition| draft.push(partition));
    Ok(())
}

fn by_hand(
    draft: &Draft,
    topic: &Topic,
    added: usize,
    given: &[&[i32]],
) -> Result<Vec<PartitionRecord>, Refusal> {
    if given.len() != added {
        let text = format!(
            "Attempted to add {added} additional partition(s), but only {} assignment(s) were specified.",
            given.len()
        );
        return Err(Refusal::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, text));
    }
    let replication_factor = usize::try_from(topic.replication_factor()).ok();
    let partition = |(number, brokers): (i32, &&[i32])| {
        assignment::check(&draft.image, brokers, replication_factor)?;
        assignment::new_partition(&draft.image, number, topic.id, brokers)
    };
    (topic.partitions.len() as i32..).zip(given).map(partition).collect()
}

fn placed(
    draft: &Draft,
    topic: &Topic,
    numbers: std::ops::Range<i32>,
) -> Result<Vec<PartitionRecord>, Refusal> {
    let replication_factor = usize::try_from(topic.replication_factor()).unwrap_or(1);
    let placed = placement::place(&draft.image, topic.id, numbers.clone(), replication_factor)?;
    numbers
        .zip(placed)
        .map(|(number, brokers)| assignment::new_partition(&draft.image, number, topic.id, &brokers))
        .collect()
}
