//! DescribeProducers (key 61): the idempotent and transactional producers partitions know (KIP-664).

use ottla_replication::producer::ProducerInfo;
use ottla_types::{ErrorCode, Str, check_topic_name};
use ottla_wire::messages::{
    describe_producers_request::DescribeProducersRequest,
    describe_producers_response::{
        DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
    },
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: DescribeProducersRequest,
) -> Result<Answer<DescribeProducersResponse>, ErrorCode> {
    let mut response = DescribeProducersResponse::default();
    for topic in request.topics {
        let partitions =
            topic.partition_indexes.iter().map(|index| describe(call, &topic.name, *index)).collect();
        response.topics.push(TopicResponse { name: topic.name, partitions });
    }
    Ok(response.into())
}

fn describe(call: &Call, topic: &Str, partition_index: i32) -> PartitionResponse {
    let failed = |error_code, message: Option<String>| PartitionResponse {
        partition_index,
        error_code,
        error_message: message.map(Str::from),
        ..PartitionResponse::default()
    };
    if let Err(invalid) = check_topic_name(topic) {
        return failed(ErrorCode::INVALID_TOPIC_EXCEPTION, Some(invalid.to_string()));
    }
    let Some(partition) = call.broker.partitions.by_name(topic, partition_index) else {
        let known = call.broker.image().topics.by_name(topic).is_some();
        let message = (!known).then(|| "This server does not host this topic-partition.".to_owned());
        return failed(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, message);
    };
    let producers = partition.inspect(|log, _| log.producers().describe());
    let active_producers = producers.into_iter().map(state).collect();
    PartitionResponse { partition_index, active_producers, ..PartitionResponse::default() }
}

fn state(producer: ProducerInfo) -> ProducerState {
    ProducerState {
        producer_id: producer.producer_id,
        producer_epoch: i32::from(producer.producer_epoch),
        last_sequence: producer.last_sequence,
        last_timestamp: producer.last_timestamp,
        coordinator_epoch: producer.coordinator_epoch,
        current_txn_start_offset: producer.txn_start_offset.unwrap_or(-1),
    }
}
