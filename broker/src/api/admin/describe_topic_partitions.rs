//! DescribeTopicPartitions (key 75), version 0 (KIP-966). Topics by name in pages of partitions, with eligible leader
//! replicas; an empty list asks for all, a cursor says where the next page begins.

use std::collections::BTreeSet;

use ottla_types::{ErrorCode, Str, check_topic_name};
use ottla_wire::messages::{
    describe_topic_partitions_request::{self, DescribeTopicPartitionsRequest},
    describe_topic_partitions_response::{
        Cursor, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponsePartition,
        DescribeTopicPartitionsResponseTopic,
    },
};

use crate::{
    api::cluster::view::{View, is_internal},
    authorized_operations,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: DescribeTopicPartitionsRequest,
) -> Result<Answer<DescribeTopicPartitionsResponse>, ErrorCode> {
    let image = call.broker.image();
    let view = View::new(&image, call.connection.listener());
    let limit = request.response_partition_limit.min(call.broker.config.max_request_partition_size_limit);
    Ok(describe(&view, &request, usize::try_from(limit).unwrap_or(0).max(1)).into())
}

fn describe(
    view: &View<'_>,
    request: &DescribeTopicPartitionsRequest,
    limit: usize,
) -> DescribeTopicPartitionsResponse {
    let all = request.topics.is_empty();
    let mut names: BTreeSet<Str> = match all {
        true => view.image.topics.iter().map(|topic| topic.name.clone()).collect(),
        false => request.topics.iter().map(|topic| topic.name.clone()).collect(),
    };
    let mut first_partition = 0;
    if let Some(describe_topic_partitions_request::Cursor { topic_name, partition_index }) = &request.cursor {
        if *partition_index < 0 || !(all || names.contains(topic_name)) {
            return refuse(request);
        }
        names = names.split_off(topic_name);
        if names.first() == Some(topic_name) {
            first_partition = *partition_index;
        }
    }
    let mut response = DescribeTopicPartitionsResponse::default();
    let mut left = limit;
    for name in names {
        if left == 0 {
            response.next_cursor = Some(Cursor { topic_name: name, partition_index: 0 });
            break;
        }
        let (topic, next) = topic(view, &name, std::mem::take(&mut first_partition), left);
        left -= topic.partitions.len();
        response.topics.push(topic);
        if let Some(partition_index) = next {
            response.next_cursor = Some(Cursor { topic_name: name, partition_index });
            break;
        }
    }
    response
}

/// A topic from partition `first` on, at most `limit` of them; and the first that did not fit.
fn topic(
    view: &View<'_>,
    name: &Str,
    first: i32,
    limit: usize,
) -> (DescribeTopicPartitionsResponseTopic, Option<i32>) {
    let mut answer = DescribeTopicPartitionsResponseTopic {
        name: Some(name.clone()),
        is_internal: is_internal(name),
        topic_authorized_operations: authorized_operations::TOPIC,
        ..DescribeTopicPartitionsResponseTopic::default()
    };
    let Some(topic) = view.image.topics.by_name(name) else {
        answer.error_code = match check_topic_name(name) {
            Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Err(_) => ErrorCode::INVALID_TOPIC_EXCEPTION,
        };
        return (answer, None);
    };
    answer.topic_id = topic.id;
    let mut rest = topic.partitions.range(first..);
    let page = rest.by_ref().take(limit).map(|(number, partition)| {
        let (error_code, leader_id) = view.leader(partition, true);
        DescribeTopicPartitionsResponsePartition {
            error_code,
            partition_index: *number,
            leader_id,
            leader_epoch: partition.leader_epoch,
            replica_nodes: partition.replicas.clone(),
            isr_nodes: partition.isr.clone(),
            eligible_leader_replicas: Some(partition.elr.clone()),
            last_known_elr: Some(partition.last_known_elr.clone()),
            offline_replicas: view.offline(partition),
        }
    });
    answer.partitions = page.collect();
    (answer, rest.next().map(|(number, _)| *number))
}

/// The cursor makes no sense: every topic is refused.
fn refuse(request: &DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
    let topic = |name: &Str| DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::INVALID_REQUEST,
        name: Some(name.clone()),
        is_internal: is_internal(name),
        ..DescribeTopicPartitionsResponseTopic::default()
    };
    DescribeTopicPartitionsResponse {
        topics: request.topics.iter().map(|asked| topic(&asked.name)).collect(),
        ..DescribeTopicPartitionsResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use describe_topic_partitions_request::TopicRequest;

    use super::*;
    use crate::api::cluster::view::tests::{LISTENER, image};

    fn ask(topics: &[&str], cursor: Option<(&str, i32)>, limit: usize) -> DescribeTopicPartitionsResponse {
        let request = DescribeTopicPartitionsRequest {
            topics: topics.iter().map(|name| TopicRequest { name: (*name).into() }).collect(),
            cursor: cursor.map(|(topic, partition_index)| describe_topic_partitions_request::Cursor {
                topic_name: topic.into(),
                partition_index,
            }),
            ..DescribeTopicPartitionsRequest::default()
        };
        describe(&View::new(&image(), LISTENER), &request, limit)
    }

    /// A topic with its code and partition numbers.
    type Row = (String, i16, Vec<i32>);

    /// Topics and the cursor.
    fn shape(response: DescribeTopicPartitionsResponse) -> (Vec<Row>, Option<(String, i32)>) {
        let topic = |topic: DescribeTopicPartitionsResponseTopic| {
            let partitions = topic.partitions.iter().map(|partition| partition.partition_index).collect();
            (topic.name.unwrap().to_string(), topic.error_code.0, partitions)
        };
        let cursor =
            response.next_cursor.map(|cursor| (cursor.topic_name.to_string(), cursor.partition_index));
        (response.topics.into_iter().map(topic).collect(), cursor)
    }

    fn row(name: &str, code: i16, partitions: &[i32]) -> Row {
        (name.to_owned(), code, partitions.to_vec())
    }

    #[test]
    fn topics_come_by_name_and_missing_ones_with_their_reason() {
        let (topics, cursor) = shape(ask(&["three", "nope", "b$"], None, 2000));
        assert_eq!(topics, [row("b$", 17, &[]), row("nope", 3, &[]), row("three", 0, &[0, 1, 2])]);
        assert_eq!(cursor, None);
    }

    #[test]
    fn pages_end_with_a_cursor_to_what_comes_next() {
        let (topics, cursor) = shape(ask(&[], None, 2));
        assert_eq!((topics, cursor), (vec![row("three", 0, &[0, 1])], Some(("three".into(), 2))));
        let (topics, cursor) = shape(ask(&[], Some(("three", 2)), 2));
        assert_eq!(
            (topics, cursor),
            (vec![row("three", 0, &[2]), row("two", 0, &[0])], Some(("two".into(), 1)))
        );
        // The page is full at the end of a topic: the cursor names the next one.
        let (topics, cursor) = shape(ask(&[], None, 3));
        assert_eq!((topics, cursor), (vec![row("three", 0, &[0, 1, 2])], Some(("two".into(), 0))));
        // A cursor to a topic that has gone goes on behind it.
        assert_eq!(shape(ask(&[], Some(("to", 5)), 9)), (vec![row("two", 0, &[0, 1])], None));
    }

    #[test]
    fn a_cursor_without_sense_refuses_every_topic() {
        assert_eq!(shape(ask(&["two"], Some(("nnn", 0)), 9)).0, [row("two", 42, &[])]);
        assert_eq!(shape(ask(&["two"], Some(("two", -1)), 9)).0, [row("two", 42, &[])]);
    }
}
