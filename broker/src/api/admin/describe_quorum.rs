//! DescribeQuorum (key 55), versions 0–2. Leader, epoch, high watermark and progress of the metadata quorum; version 1
//! adds times, 2 directory ids and the voters' addresses.

use ottla_quorum::{QuorumInfo, ReplicaProgress, Voter};
use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::{
    describe_quorum_request::DescribeQuorumRequest,
    describe_quorum_response::{
        DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState, TopicData,
    },
};

use crate::call::{Answer, Call};

const METADATA_TOPIC: &str = "__cluster_metadata";

pub(crate) async fn handle(
    call: &Call,
    request: DescribeQuorumRequest,
) -> Result<Answer<DescribeQuorumResponse>, ErrorCode> {
    let metadata = &call.broker.metadata;
    let mut response = describe(&request, &metadata.quorum(), &metadata.voters());
    if call.version < 2 {
        forget_directories(&mut response);
    }
    Ok(response.into())
}

fn describe(
    request: &DescribeQuorumRequest,
    quorum: &QuorumInfo,
    voters: &[Voter],
) -> DescribeQuorumResponse {
    let is_metadata = match request.topics.as_slice() {
        [topic] => {
            *topic.topic_name == *METADATA_TOPIC
                && matches!(topic.partitions.as_slice(), [partition] if partition.partition_index == 0)
        }
        _ => false,
    };
    if !is_metadata {
        return unknown(request);
    }
    let partition = PartitionData {
        partition_index: 0,
        error_message: Some(Str::new()),
        leader_id: quorum.leader_id.unwrap_or(-1),
        leader_epoch: quorum.leader_epoch,
        high_watermark: quorum.high_watermark,
        current_voters: quorum.voters.iter().map(replica).collect(),
        observers: quorum.observers.iter().map(replica).collect(),
        ..PartitionData::default()
    };
    let topic = TopicData { topic_name: Str::from_static(METADATA_TOPIC), partitions: vec![partition] };
    DescribeQuorumResponse {
        error_message: Some(Str::new()),
        topics: vec![topic],
        nodes: voters.iter().map(node).collect(),
        ..DescribeQuorumResponse::default()
    }
}

/// Versions before 2 have no place for directory ids and addresses.
fn forget_directories(response: &mut DescribeQuorumResponse) {
    response.nodes.clear();
    for partition in response.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
        let replicas = partition.current_voters.iter_mut().chain(&mut partition.observers);
        replicas.for_each(|replica| replica.replica_directory_id = Uuid::ZERO);
    }
}

/// There is one log of this kind; whatever else is asked for is not here.
fn unknown(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let partition = |index: i32| PartitionData {
        partition_index: index,
        error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        error_message: Some(Str::from_static("This server does not host this topic-partition.")),
        ..PartitionData::default()
    };
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic.partitions.iter().map(|asked| partition(asked.partition_index)).collect(),
    });
    DescribeQuorumResponse {
        error_message: Some(Str::new()),
        topics: topics.collect(),
        ..DescribeQuorumResponse::default()
    }
}

fn replica(progress: &ReplicaProgress) -> ReplicaState {
    let time = |time: Option<Millis>| time.map_or(-1, |time| time.0);
    ReplicaState {
        replica_id: progress.key.id,
        replica_directory_id: progress.key.directory_id,
        log_end_offset: progress.log_end_offset,
        last_fetch_timestamp: time(progress.last_fetch),
        last_caught_up_timestamp: time(progress.last_caught_up),
    }
}

fn node(voter: &Voter) -> Node {
    let listener = |endpoint: &ottla_quorum::Endpoint| Listener {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
    };
    Node { node_id: voter.key.id, listeners: voter.endpoints.iter().map(listener).collect() }
}
