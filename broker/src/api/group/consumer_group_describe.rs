//! ConsumerGroupDescribe (key 69), versions 0–1 (KIP-848): consumer groups with their members, what these have and are to
//! have. Version 1 says which members use the classic protocol.

use ottla_coordinator::group::{Command, DescribedConsumerGroup, DescribedConsumerMember, Refused, Reply};
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{
    consumer_group_describe_request::ConsumerGroupDescribeRequest,
    consumer_group_describe_response::{
        Assignment, ConsumerGroupDescribeResponse, DescribedGroup, Member, TopicPartitions,
    },
};

use crate::{
    authorized_operations,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: ConsumerGroupDescribeRequest,
) -> Result<Answer<ConsumerGroupDescribeResponse>, ErrorCode> {
    if let Err(code) = super::check_consumer_protocol(call) {
        let groups = request.group_ids.into_iter().map(|group_id| failed(group_id, code, None)).collect();
        return Ok(
            ConsumerGroupDescribeResponse { groups, ..ConsumerGroupDescribeResponse::default() }.into()
        );
    }
    let (named, unnamed): (Vec<Str>, Vec<Str>) =
        request.group_ids.into_iter().partition(|group_id| !group_id.is_empty());
    let mut groups: Vec<DescribedGroup> =
        unnamed.into_iter().map(|group_id| failed(group_id, ErrorCode::INVALID_GROUP_ID, None)).collect();
    for (group_ids, reply) in call.broker.groups.ask_each(named, Command::DescribeConsumerGroups).await {
        match reply {
            Ok(Reply::DescribeConsumer(described)) => {
                groups.extend(described.into_iter().map(|(group_id, group)| shape(group_id, group)));
            }
            other => {
                let code = other.err().unwrap_or(ErrorCode::UNKNOWN_SERVER_ERROR);
                groups.extend(group_ids.into_iter().map(|group_id| failed(group_id, code, None)));
            }
        }
    }
    if request.include_authorized_operations {
        for group in groups.iter_mut().filter(|group| group.error_code.is_ok()) {
            group.authorized_operations = authorized_operations::GROUP;
        }
    }
    Ok(ConsumerGroupDescribeResponse { groups, ..ConsumerGroupDescribeResponse::default() }.into())
}

fn shape(group_id: Str, group: Result<DescribedConsumerGroup, Refused>) -> DescribedGroup {
    match group {
        Ok(group) => DescribedGroup {
            group_id,
            group_state: Str::from_static(group.state.name()),
            group_epoch: group.epoch,
            assignment_epoch: group.target_epoch,
            assignor_name: group.assignor,
            members: group.members.into_iter().map(member).collect(),
            ..DescribedGroup::default()
        },
        Err(refused) => failed(group_id, refused.code, Some(refused.message)),
    }
}

fn failed(group_id: Str, error_code: ErrorCode, error_message: Option<Str>) -> DescribedGroup {
    DescribedGroup { error_code, error_message, group_id, ..DescribedGroup::default() }
}

fn member(member: DescribedConsumerMember) -> Member {
    Member {
        member_id: member.member_id,
        instance_id: member.instance_id,
        rack_id: member.rack_id,
        member_epoch: member.epoch,
        client_id: member.client_id,
        client_host: member.client_host,
        subscribed_topic_names: member.topics,
        subscribed_topic_regex: member.regex,
        assignment: assignment(member.assigned),
        target_assignment: assignment(member.target),
        member_type: i8::from(!member.is_classic),
    }
}

fn assignment(topics: Vec<(Str, Uuid, Vec<i32>)>) -> Assignment {
    let topic = |(topic_name, topic_id, partitions)| TopicPartitions { topic_id, topic_name, partitions };
    Assignment { topic_partitions: topics.into_iter().map(topic).collect() }
}
