//! A member of a group that does nothing but be there: it stays until its session ends, long after the transcript.

use bytes::Bytes;
use ottla_client::Client;
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    consumer_group_heartbeat_request::{ConsumerGroupHeartbeatRequest, TopicPartitions},
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment},
};

const SESSION_MS: i32 = 300_000;

/// Joins as the words say: `classic GROUP TOPIC`, which takes partitions 0 and 1, or `consumer GROUP TOPIC`.
pub(crate) fn join(address: &str, words: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = Client::connect(address).await.expect("the broker is there");
        // The coordinator is there once somebody has asked for it.
        client.committed(&words[1]).await.expect("a coordinator");
        match words[0].as_str() {
            "classic" => classic(&client, &words[1], &words[2]).await,
            "consumer" => consumer(&client, &words[1], &words[2]).await,
            other => panic!("what is a {other} member?"),
        }
    });
}

async fn classic(client: &Client, group: &str, topic: &str) {
    let protocol = JoinGroupRequestProtocol { name: Str::from("range"), metadata: subscription(topic) };
    let mut join = JoinGroupRequest {
        group_id: group.into(),
        session_timeout_ms: SESSION_MS,
        rebalance_timeout_ms: SESSION_MS,
        protocol_type: Str::from("consumer"),
        protocols: vec![protocol],
        ..JoinGroupRequest::default()
    };
    let joined = loop {
        let answer = client.ask(&join).await.expect("an answer");
        match answer.error_code {
            ErrorCode::NONE => break answer,
            ErrorCode::MEMBER_ID_REQUIRED => join.member_id = answer.member_id,
            code => panic!("joining: {code}"),
        }
    };
    let assignment = SyncGroupRequestAssignment {
        member_id: joined.member_id.clone(),
        assignment: assignment(topic, &[0, 1]),
    };
    let sync = SyncGroupRequest {
        group_id: group.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id,
        protocol_type: Some(Str::from("consumer")),
        protocol_name: Some(Str::from("range")),
        assignments: vec![assignment],
        ..SyncGroupRequest::default()
    };
    assert!(client.ask(&sync).await.expect("an answer").error_code.is_ok());
}

/// Takes what the broker gives, and says that it has it.
async fn consumer(client: &Client, group: &str, topic: &str) {
    let mut beat = ConsumerGroupHeartbeatRequest {
        group_id: group.into(),
        member_id: Str::from("QmFyZS1tZW1iZXItb2YtYQ"),
        rebalance_timeout_ms: SESSION_MS,
        subscribed_topic_names: Some(vec![topic.into()]),
        topic_partitions: Some(Vec::new()),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let answer = client.ask(&beat).await.expect("an answer");
        assert!(answer.error_code.is_ok(), "{:?}: {:?}", answer.error_code, answer.error_message);
        beat.member_epoch = answer.member_epoch;
        let given = answer.assignment.map(|assignment| assignment.topic_partitions).unwrap_or_default();
        if !given.is_empty() {
            let owned = |of: &ottla_wire::messages::consumer_group_heartbeat_response::TopicPartitions| {
                TopicPartitions { topic_id: of.topic_id, partitions: of.partitions.clone() }
            };
            beat.topic_partitions = Some(given.iter().map(owned).collect());
            client.ask(&beat).await.expect("an answer");
            return;
        }
        assert!(std::time::Instant::now() < deadline, "no partitions were given");
    }
}

/// Version 0 of what a consumer says of itself: topics, and nothing of its own.
fn subscription(topic: &str) -> Bytes {
    let mut bytes = vec![0, 0, 0, 0, 0, 1];
    bytes.extend(text(topic));
    bytes.extend((-1_i32).to_be_bytes());
    bytes.into()
}

/// Version 0 of what a consumer is given.
fn assignment(topic: &str, partitions: &[i32]) -> Bytes {
    let mut bytes = vec![0, 0, 0, 0, 0, 1];
    bytes.extend(text(topic));
    bytes.extend(i32::try_from(partitions.len()).expect("few").to_be_bytes());
    partitions.iter().for_each(|partition| bytes.extend(partition.to_be_bytes()));
    bytes.extend((-1_i32).to_be_bytes());
    bytes.into()
}

fn text(text: &str) -> Vec<u8> {
    let length = i16::try_from(text.len()).expect("short").to_be_bytes();
    [&length, text.as_bytes()].concat()
}
