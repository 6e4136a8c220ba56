//! From decisions of a transaction coordinator to markers in partitions.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use ottla_coordinator::{
    group::{Command as GroupCommand, EndTransaction, Reply as GroupReply},
    transaction::{Command, Markers, MarkersWritten, Partitions, Reply, Transactions, Work},
};
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Str};
use tokio::task::JoinSet;

use crate::{
    broker::{Broker, OFFSETS_TOPIC},
    coordinator::Desk,
    partition::{AppendError, EndMarker, Partition, PartitionJournal, Waiter},
};

type TransactionDesk = Desk<Transactions, PartitionJournal>;

/// How long to wait before a coordinator that is not there is asked again.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a marker may take to be replicated before it is tried again.
const MARKER_TIMEOUT: Duration = Duration::from_secs(30);
/// Errors of appends name a version of Produce; markers are as new as they get.
const LATEST: i16 = i16::MAX;

/// Does what a coordinator decides, until it is closed: markers, and ids for producers that have used theirs up.
pub(crate) async fn work(broker: Weak<Broker>, desk: Arc<TransactionDesk>, journal: Arc<PartitionJournal>) {
    while !desk.is_closed() {
        match desk.submit(Command::AwaitWork).await {
            Ok(Reply::Work(Work { markers, needs_producer_id })) => {
                let Some(broker) = broker.upgrade() else { return };
                let epoch = journal.partition.inspect(|_, leader| leader.epoch());
                for markers in markers {
                    let (broker, desk) = (Arc::clone(&broker), Arc::clone(&desk));
                    tokio::spawn(async move {
                        // A coordinator that goes must not be held by a partition that replicates nothing.
                        tokio::select! {
                            () = write(&broker, &desk, markers, epoch) => {}
                            () = closed(&desk) => {}
                        }
                    });
                }
                if needs_producer_id {
                    supply_id(&broker, &desk).await;
                }
            }
            // Loading, or about to stop.
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn closed(desk: &TransactionDesk) {
    while !desk.is_closed() {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn supply_id(broker: &Broker, desk: &TransactionDesk) {
    while !desk.is_closed() {
        match broker.producer_ids.next(broker).await {
            Ok(id) => {
                // A coordinator that was loaded again meanwhile asks again.
                let _ = desk.submit(Command::SupplyProducerId(id)).await;
                return;
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Writes the markers of one transaction and tells the coordinator what became of them.
async fn write(broker: &Arc<Broker>, desk: &TransactionDesk, markers: Markers, coordinator_epoch: i32) {
    let marker = EndMarker {
        producer: (markers.producer.id, markers.producer.epoch),
        commit: markers.commit || mutant!("aborts_become_commits"),
        coordinator_epoch,
        transaction_version: markers.version,
    };
    let places = markers.partitions.iter();
    let places = places.flat_map(|(topic, indices)| indices.iter().map(move |index| (topic.clone(), *index)));
    let mut writes = JoinSet::new();
    for (topic, index) in places {
        let broker = Arc::clone(broker);
        writes.spawn(async move {
            let written = write_or_gone(&broker, &topic, index, marker).await;
            (topic, index, written)
        });
    }
    let (mut written, mut fenced) = (Partitions::new(), false);
    while let Some(one) = writes.join_next().await {
        let Ok((topic, index, result)) = one else { continue };
        match result {
            Ok(()) => {
                written.entry(topic).or_default().insert(index);
            }
            Err(ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::TRANSACTION_COORDINATOR_FENCED) => {
                fenced = true
            }
            Err(code) => {
                tracing::debug!(transactional_id = %markers.transactional_id, %topic, index, %code, "a marker is tried again");
            }
        }
    }
    let report =
        MarkersWritten { transactional_id: markers.transactional_id, job: markers.job, written, fenced };
    // Refused, it is loaded again, and writes the markers again.
    let _ = desk.submit(Command::MarkersWritten(report)).await;
}

/// A partition that does not exist any more needs no marker.
async fn write_or_gone(broker: &Broker, topic: &Str, index: i32, marker: EndMarker) -> Result<(), ErrorCode> {
    let image = broker.image();
    if image.topics.by_name(topic).is_none_or(|found| !found.partitions.contains_key(&index)) {
        return Ok(());
    }
    write_marker(broker, topic, index, marker).await
}

/// Writes a marker to a partition led here; done when it is replicated and, where it ends offsets of groups, when their
/// coordinator has taken note of it.
pub(crate) async fn write_marker(
    broker: &Broker,
    topic: &str,
    index: i32,
    marker: EndMarker,
) -> Result<(), ErrorCode> {
    if topic == OFFSETS_TOPIC && !mutant!("markers_past_the_group_coordinator") {
        return end_in_groups(broker, index, marker).await;
    }
    let partition = broker.partitions.by_name(topic, index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let written = append(&partition, &marker);
    match tokio::time::timeout(MARKER_TIMEOUT, written).await {
        Ok(written) => written.map_err(|error| error.code(LATEST)),
        Err(_) => Err(ErrorCode::REQUEST_TIMED_OUT),
    }
}

async fn append(partition: &Arc<Partition>, marker: &EndMarker) -> Result<(), AppendError> {
    let registration = Waiter::register(vec![Arc::clone(partition)]);
    let appended = partition.append_marker(marker)?;
    while !partition.acknowledged(&appended)? {
        registration.moved().await;
    }
    Ok(())
}

/// The group coordinator writes the marker itself: from then on its pending offsets count, and nobody who asks it after
/// the transaction's end was answered can hear anything older (KAFKA-17507).
async fn end_in_groups(broker: &Broker, index: i32, marker: EndMarker) -> Result<(), ErrorCode> {
    let command = GroupCommand::EndTransaction(EndTransaction {
        producer: marker.producer,
        committed: marker.commit,
        coordinator_epoch: marker.coordinator_epoch,
    });
    let allowed = |journal: &PartitionJournal| {
        journal.partition.may_end(&marker).map_err(|refused| AppendError::from(refused).code(LATEST))
    };
    match broker.groups.ask_if(Some(index), command, allowed).await {
        Ok(GroupReply::Done) => Ok(()),
        Ok(_) => Err(ErrorCode::UNKNOWN_SERVER_ERROR),
        // Whoever sends markers knows partitions, no coordinators.
        Err(
            ErrorCode::NOT_COORDINATOR
            | ErrorCode::COORDINATOR_NOT_AVAILABLE
            | ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
        ) => Err(ErrorCode::NOT_LEADER_OR_FOLLOWER),
        Err(code) => Err(code),
    }
}
