//! ConsumerGroupHeartbeat (key 68), versions 0–1 (KIP-848): members of consumer groups join, stay and leave with it.
//!
//! Version 1 has the client make the member id (KIP-1082), and regular expressions that the broker resolves.

use ottla_assign::Partitions;
use ottla_coordinator::group::{Command, ConsumerHeartbeat, HeartbeatReply, Reply};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest,
    consumer_group_heartbeat_response::{Assignment, ConsumerGroupHeartbeatResponse, TopicPartitions},
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: ConsumerGroupHeartbeatRequest,
) -> Result<Answer<ConsumerGroupHeartbeatResponse>, ErrorCode> {
    super::check_consumer_protocol(call)?;
    let group_id = request.group_id.clone();
    let command = Command::ConsumerHeartbeat(to_command(call, request));
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::ConsumerHeartbeat(reply) => Some(reply),
        _ => None,
    });
    Ok(match reply.await? {
        Ok(reply) => to_response(reply),
        Err(refused) => ConsumerGroupHeartbeatResponse {
            error_code: refused.code,
            error_message: Some(refused.message),
            ..ConsumerGroupHeartbeatResponse::default()
        },
    }
    .into())
}

fn to_command(call: &Call, request: ConsumerGroupHeartbeatRequest) -> ConsumerHeartbeat {
    let owned = request
        .topic_partitions
        .map(|topics| topics.into_iter().map(|topic| (topic.topic_id, topic.partitions)).collect());
    ConsumerHeartbeat {
        group_id: request.group_id,
        member_id: request.member_id,
        member_epoch: request.member_epoch,
        instance_id: request.instance_id,
        rack_id: request.rack_id,
        rebalance_timeout_ms: request.rebalance_timeout_ms,
        topics: request.subscribed_topic_names,
        regex: request.subscribed_topic_regex,
        assignor: request.server_assignor,
        owned,
        client_id: call.client_id.clone().unwrap_or_default(),
        client_host: Str::from(format!("/{}", call.connection.peer().ip())),
        fresh_id: crate::metadata_shell::random_id(),
        brings_member_id: call.version >= 1,
    }
}

fn to_response(reply: HeartbeatReply) -> ConsumerGroupHeartbeatResponse {
    let assignment = |partitions: Partitions| Assignment {
        topic_partitions: partitions
            .into_iter()
            .map(|(topic_id, partitions)| TopicPartitions {
                topic_id,
                partitions: partitions.into_iter().collect(),
            })
            .collect(),
    };
    ConsumerGroupHeartbeatResponse {
        member_id: Some(reply.member_id),
        member_epoch: reply.member_epoch,
        heartbeat_interval_ms: reply.heartbeat_interval_ms,
        assignment: reply.assignment.map(assignment),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}
