use std::time::Duration;

use ottla_types::{ErrorCode, Uuid};
use ottla_wire::messages::{
    consumer_group_heartbeat_request::{ConsumerGroupHeartbeatRequest, TopicPartitions},
    consumer_group_heartbeat_response::Assignment,
};

use super::{super::admin::is_coordinator_coming, Board, GROUP, Group, Line, PAUSE};
use crate::Result;

const HEARTBEAT: i16 = 1;
const REBALANCE_TIMEOUT: Duration = Duration::from_secs(60);

/// Beats until its task is dropped: says what it owns when that has changed, and nothing else.
pub(super) async fn member(group: &Group, mut line: Line, board: &Board, number: usize) -> Result<()> {
    let id = Uuid([number.to_be_bytes(), [7; 8]].concat().try_into().map_err(|_| "sixteen bytes")?);
    let mut beat = ConsumerGroupHeartbeatRequest {
        group_id: GROUP.into(),
        member_id: id.to_string().into(),
        rebalance_timeout_ms: i32::try_from(REBALANCE_TIMEOUT.as_millis())?,
        subscribed_topic_names: Some(vec![group.topic.as_str().into()]),
        topic_partitions: Some(Vec::new()),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let mut owned = 0;
    loop {
        let answer = line.ask(HEARTBEAT, &beat).await?;
        match answer.error_code {
            ErrorCode::NONE => {}
            error if is_coordinator_coming(error) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            error => return Err(format!("a heartbeat: {error:?} {:?}", answer.error_message).into()),
        }
        beat = ConsumerGroupHeartbeatRequest {
            group_id: beat.group_id,
            member_id: beat.member_id,
            member_epoch: answer.member_epoch,
            ..ConsumerGroupHeartbeatRequest::default()
        };
        if let Some(assignment) = answer.assignment {
            let said = said_of(&assignment);
            owned = said.iter().map(|topic| topic.partitions.len()).sum();
            beat.topic_partitions = Some(said);
        } else {
            tokio::time::sleep(PAUSE).await;
        }
        board.set(number, answer.member_epoch, owned);
    }
}

/// Gives up and takes up at once what it is told to.
fn said_of(assignment: &Assignment) -> Vec<TopicPartitions> {
    let said = assignment.topic_partitions.iter();
    said.map(|topic| TopicPartitions { topic_id: topic.topic_id, partitions: topic.partitions.clone() })
        .collect()
}
