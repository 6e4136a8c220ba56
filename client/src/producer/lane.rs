//! The way to one broker: requests are written in the order they were taken, so batches arrive in order.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{
    produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
    produce_response::{PartitionProduceResponse, ProduceResponse},
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use super::{batches::Outcome, build::build, options::Acks, queue::Job};
use crate::client::{Client, Due, Link, address};

/// What a lane needs to know of the producer.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) client: Client,
    pub(super) acks: Acks,
    pub(super) request_timeout: Duration,
    /// Of a producer whose records all belong to transactions.
    pub(super) transactional_id: Option<Str>,
}

/// What goes in one request.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) parcels: Vec<Parcel>,
    /// The last version of Produce that may be used.
    pub(super) at_most: i16,
}

/// A batch with the partition it goes to.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) job: Job,
    pub(super) topic: Str,
    pub(super) topic_id: Uuid,
    pub(super) partition: i32,
}

/// What became of one request.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) node: i32,
    pub(super) batches: Vec<(Sent, Outcome)>,
    /// Who leads now, with the epoch, of queues whose batches were refused because of that.
    pub(super) leaders: Vec<(usize, i32, i32)>,
}

impl Answered {
    /// Nobody has said anything.
    fn without_answer(node: i32, batches: Undone) -> Self {
        Self { node, batches, leaders: Vec::new() }
    }
}

/// A batch that was to be sent, as bytes.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) queue: usize,
    pub(super) batch: u64,
    pub(super) bytes: Bytes,
    topic: Str,
    topic_id: Uuid,
    partition: i32,
}

struct UnderWay {
    link: Arc<Link>,
    due: Due<ProduceRequest>,
    deadline: Instant,
    sent: Vec<Sent>,
}

/// Sends what comes until nobody sends any more and every answer is there.
pub(super) async fn run(
    node: i32,
    manner: Manner,
    mut requests: mpsc::UnboundedReceiver<Load>,
    answers: mpsc::UnboundedSender<Answered>,
) {
    let mut under_way: VecDeque<UnderWay> = VecDeque::new();
    let mut open = true;
    while open || !under_way.is_empty() {
        tokio::select! {
            biased;
            request = requests.recv(), if open => match request {
                Some(load) => match send(node, &manner, load).await {
                    Ok(started) => under_way.push_back(started),
                    Err(batches) => drop(answers.send(Answered::without_answer(node, batches))),
                },
                None => open = false,
            },
            answer = first_answer(&mut under_way), if !under_way.is_empty() => {
                for answered in end_first(node, &manner, &mut under_way, answer).await {
                    let _ = answers.send(answered);
                }
            }
        }
    }
}

/// Waits for the oldest answer; `None` if none comes. Cancelled, it loses nothing.
async fn first_answer(under_way: &mut VecDeque<UnderWay>) -> Option<ProduceResponse> {
    let first = under_way.front_mut()?;
    timeout_at(first.deadline, first.due.wait()).await.ok()?.ok()
}

/// The oldest request is over. Without an answer the connection is given up, and everything that is under way on it is over.
async fn end_first(
    node: i32,
    manner: &Manner,
    under_way: &mut VecDeque<UnderWay>,
    answer: Option<ProduceResponse>,
) -> Vec<Answered> {
    let Some(first) = under_way.pop_front() else { return Vec::new() };
    if let Some(response) = answer {
        let leaders = leaders(&first.sent, &response);
        if !leaders.is_empty() {
            // Before anything is sent there.
            let endpoints = response.node_endpoints.iter();
            manner.client.know(endpoints.map(|at| (at.node_id, address(&at.host, at.port)))).await;
        }
        return vec![Answered { node, leaders, batches: settle(first.sent, &response) }];
    }
    manner.client.forget(&first.link).await;
    let mut over = vec![each(first.sent, Outcome::Lost)];
    while under_way.front().is_some_and(|next| Arc::ptr_eq(&next.link, &first.link)) {
        over.extend(under_way.pop_front().map(|next| each(next.sent, Outcome::Lost)));
    }
    over.into_iter().map(|batches| Answered::without_answer(node, batches)).collect()
}

fn each(sent: Vec<Sent>, outcome: Outcome) -> Undone {
    sent.into_iter().map(|sent| (sent, outcome)).collect()
}

/// What became of the batches of one request.
type Undone = Vec<(Sent, Outcome)>;

/// Writes one request. With acks=0 that is all; then, or when it cannot be written, the outcome is known at once.
async fn send(node: i32, manner: &Manner, load: Load) -> Result<UnderWay, Undone> {
    let sent: Vec<Sent> = load.parcels.into_iter().map(Sent::of).collect();
    let Ok(link) = manner.client.link_to(node).await else { return Err(each(sent, Outcome::NotSent)) };
    let request = request(manner, &sent);
    if manner.acks == Acks::None {
        let outcome = match manner.client.send(&link, &request).await {
            Ok(()) => Outcome::Acknowledged { base_offset: -1, log_append_time_ms: -1 },
            Err(_) => Outcome::Lost,
        };
        return Err(each(sent, outcome));
    }
    match manner.client.submit_up_to(&link, &request, load.at_most).await {
        Ok(due) => Ok(UnderWay { link, due, deadline: Instant::now() + manner.request_timeout, sent }),
        Err(_) => {
            manner.client.forget(&link).await;
            Err(each(sent, Outcome::NotSent))
        }
    }
}

impl Sent {
    fn of(parcel: Parcel) -> Self {
        let Parcel { job, topic, topic_id, partition } = parcel;
        let bytes = build(job.body, job.stamp);
        Self { queue: job.queue, batch: job.batch, bytes, topic, topic_id, partition }
    }
}

fn request(manner: &Manner, sent: &[Sent]) -> ProduceRequest {
    let mut topics: Vec<TopicProduceData> = Vec::new();
    for sent in sent {
        let data = PartitionProduceData { index: sent.partition, records: Some(sent.bytes.clone().into()) };
        match topics.iter_mut().find(|topic| topic.name == sent.topic) {
            Some(topic) => topic.partition_data.push(data),
            None => topics.push(TopicProduceData {
                name: sent.topic.clone(),
                topic_id: sent.topic_id,
                partition_data: vec![data],
            }),
        }
    }
    ProduceRequest {
        transactional_id: manner.transactional_id.clone(),
        acks: manner.acks.code(),
        timeout_ms: i32::try_from(manner.request_timeout.as_millis()).unwrap_or(i32::MAX),
        topic_data: topics,
    }
}

fn settle(sent: Vec<Sent>, response: &ProduceResponse) -> Undone {
    let outcome = |sent: &Sent| match find(response, sent) {
        Some(answer) if answer.error_code == ErrorCode::NONE => Outcome::Acknowledged {
            base_offset: answer.base_offset,
            log_append_time_ms: answer.log_append_time_ms,
        },
        Some(answer) => Outcome::Refused(answer.error_code),
        // An answer that says nothing of it is no acknowledgement.
        None => Outcome::Lost,
    };
    let with_outcome = |sent: Sent| {
        let outcome = outcome(&sent);
        (sent, outcome)
    };
    sent.into_iter().map(with_outcome).collect()
}

/// Who leads the partitions whose batches were refused because another one does (KIP-951), as far as it says where that is.
fn leaders(sent: &[Sent], response: &ProduceResponse) -> Vec<(usize, i32, i32)> {
    let moved = |answer: &&PartitionProduceResponse| {
        let code = answer.error_code;
        matches!(code, ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH)
    };
    let is_named = |node: i32| response.node_endpoints.iter().any(|endpoint| endpoint.node_id == node);
    let leader = |sent: &Sent| {
        let leader = &find(response, sent).filter(moved)?.current_leader;
        is_named(leader.leader_id).then_some((sent.queue, leader.leader_id, leader.leader_epoch))
    };
    sent.iter().filter_map(leader).collect()
}

fn find<'a>(response: &'a ProduceResponse, sent: &Sent) -> Option<&'a PartitionProduceResponse> {
    // Versions from 13 on name topics by id, those before by name.
    let of = |topic: &&ottla_wire::messages::produce_response::TopicProduceResponse| {
        if topic.topic_id.is_zero() { topic.name == sent.topic } else { topic.topic_id == sent.topic_id }
    };
    let topic = response.responses.iter().find(of)?;
    topic.partition_responses.iter().find(|answer| answer.index == sent.partition)
}
