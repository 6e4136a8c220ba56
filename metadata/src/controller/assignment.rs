use super::Refusal;
use crate::{Image, Partition};
use ottla_types::{ErrorCode, Uuid};
use ottla_wire::log_records::metadata::partition_record::PartitionRecord;

/// Checks a replica list given by hand.
pub(super) fn check(
    image: &Image,
    brokers: &[i32],
    replication_factor: Option<usize>,
) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::new(ErrorCode::INVALID_REPLICA_ASSIGNMENT, message));
    if brokers.is_empty() {
        return refuse("The manual partition assignment includes an empty replica list.".into());
    }
    let mut sorted = brokers.to_vec();
    sorted.sort_unstable();
    let mut previous = None;
    for broker in sorted {
        if image.broker(broker).is_none() {
            return refuse(format!(
                "The manual partition assignment includes broker {broker}, but no such broker is registered."
            ));
        }
        if previous == Some(broker) {
            return refuse(format!(
                "The manual partition assignment includes the broker {broker} more than once."
            ));
        }
        previous = Some(broker);
    }
    match replication_factor {
        Some(expected) if expected != brokers.len() => refuse(format!(
            "The manual partition assignment includes a partition with {} replica(s), but this is not consistent \
             with previous partitions, which have {expected} replica(s).",
            brokers.len()
        )),
        _ => Ok(()),
    }
}

/// A new partition on these brokers, led by the first that is up.
pub(super) fn new_partition(
    image: &Image,
    partition_id: i32,
    topic_id: Uuid,
    brokers: &[i32],
) -> Result<PartitionRecord, Refusal> {
    let isr: Vec<i32> = brokers.iter().copied().filter(|id| image.is_active(*id)).collect();
    let Some(leader) = isr.first().copied() else {
        return Err(Refusal::new(
            ErrorCode::INVALID_REPLICA_ASSIGNMENT,
            format!(
                "All brokers specified in the manual partition assignment for partition {partition_id} are fenced \
                 or in controlled shutdown."
            ),
        ));
    };
    let directory = |id: &i32| image.broker(*id).map_or(Uuid::ZERO, |broker| broker.default_directory());
    let partition = Partition {
        replicas: brokers.to_vec(),
        directories: brokers.iter().map(directory).collect(),
        isr,
        leader,
        ..Partition::default()
    };
    Ok(partition.to_record(topic_id, partition_id))
}
