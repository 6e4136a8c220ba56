//! Fetch (key 1), versions 4–18: reads whole batches from many partitions and waits for more when there is too little.
//!
//! Partitions are filled in the order of the request. The first partition with data always gets its first batch,
//! whatever the limits say, so that a large batch cannot stop a consumer.

use std::{sync::Arc, time::Duration};

use ottla_log::{Patience, ReadError};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    fetch_request::FetchRequest,
    fetch_response::{AbortedTransaction, EpochEndOffset, FetchResponse, LeaderIdAndEpoch, PartitionData},
};
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use crate::{
    call::{Answer, Call},
    clock,
    fetch_sessions::{Answer as Session, FetchContext, Owner, TopicKey, Wanted},
    partition::{FetchError, Isolation, Partition, PartitionRead, ReadRequest, Waiter, records},
};

/// The replica id of the debugging consumer, which may see what is not committed yet.
const DEBUGGING_CONSUMER: i32 = -2;

/// One partition to read, in the order of the session or of the request.
struct Target {
    topic: TopicKey,
    index: i32,
    read: ReadRequest,
    partition: Option<Arc<Partition>>,
}

pub(crate) async fn handle(call: &Call, request: FetchRequest) -> Result<Answer<FetchResponse>, ErrorCode> {
    let deadline =
        Instant::now() + Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or_default());
    let limit = request.max_bytes.min(call.broker.config.fetch_max_bytes);
    let max_bytes = usize::try_from(limit).unwrap_or_default();
    // Waiting for more than may be sent would be waiting for ever.
    let min_bytes = usize::try_from(request.min_bytes).unwrap_or_default().min(max_bytes);
    let (sessions, principal) = (&call.broker.fetch_sessions, call.connection.principal());
    let context = sessions.lock().begin(clock::monotonic(), &principal, call.version, &request);
    let context = match context {
        Ok(context) => context,
        Err(code) => return Ok(respond(Session::failed(code)).into()),
    };
    let targets: Arc<[Target]> = targets(call, Reader::of(&request), &context).into();
    let mut answers = read_all(&targets, max_bytes).await?;
    if !is_enough(&answers, min_bytes) && Instant::now() < deadline {
        let partitions = targets.iter().filter_map(|target| target.partition.clone());
        let registration = Waiter::register(partitions);
        // What moved before the registration is seen here, what moves after it wakes us.
        answers = read_all(&targets, max_bytes).await?;
        while !is_enough(&answers, min_bytes) {
            if timeout_at(deadline, registration.moved()).await.is_err() {
                break;
            }
            answers = read_all(&targets, max_bytes).await?;
        }
    }
    let mut data: Vec<_> = targets.iter().zip(answers).collect();
    // Partitions that are not here come last.
    data.sort_by_key(|(target, _)| target.partition.is_none());
    let read = data.into_iter().map(|(target, read)| {
        let data = partition_data(call, target, read);
        (target.topic.clone(), data)
    });
    let owner = Owner { principal: &principal, follower: false };
    let session = context.answer(sessions, clock::monotonic(), owner, read.collect(), random_id);
    Ok(respond(session).into())
}

/// Who asks.
#[derive(Clone, Copy)]
struct Reader {
    isolation: Isolation,
    follower: Option<i32>,
}

impl Reader {
    /// Up to version 14 the replica id stands in the request, later beside its epoch.
    fn of(request: &FetchRequest) -> Self {
        let id = request.replica_id.max(request.replica_state.replica_id);
        let debugging = [request.replica_id, request.replica_state.replica_id].contains(&DEBUGGING_CONSUMER);
        let isolation = match request.isolation_level {
            _ if debugging || id >= 0 => Isolation::LogEnd,
            1 => Isolation::ReadCommitted,
            _ => Isolation::ReadUncommitted,
        };
        Self { isolation, follower: (id >= 0).then_some(id) }
    }
}

fn targets(call: &Call, reader: Reader, context: &FetchContext) -> Vec<Target> {
    let target = |wanted: &Wanted| {
        let Wanted { topic, partition: at } = wanted;
        let partition = match topic {
            TopicKey::Id(id) => call.broker.partitions.by_id(*id, at.partition),
            TopicKey::Name(name) => call.broker.partitions.by_name(name, at.partition),
        };
        let read = ReadRequest {
            offset: at.fetch_offset,
            max_bytes: usize::try_from(at.partition_max_bytes).unwrap_or_default(),
            at_least_one: false,
            isolation: reader.isolation,
            // Any negative one says that the client knows none.
            current_leader_epoch: at.current_leader_epoch.max(-1),
            last_fetched_epoch: at.last_fetched_epoch,
            follower: reader.follower,
        };
        Target { topic: topic.clone(), index: at.partition, read, partition }
    };
    context.wanted().iter().map(target).collect()
}

/// An id nobody can guess: knowing it is not enough to use a session, but there is no reason to make it easy.
fn random_id() -> i32 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).expect("without the system's randomness no id is safe to hand out");
    i32::from_ne_bytes(bytes)
}

fn respond(session: Session) -> FetchResponse {
    FetchResponse {
        error_code: session.error_code,
        session_id: session.session_id,
        responses: session.responses,
        ..FetchResponse::default()
    }
}

type Read = Result<PartitionRead, Option<FetchError>>;

/// Finds what every target gets. What is in the page cache is found at once; when anything would have to wait for the
/// disk, a thread does that for which nobody else waits.
async fn read_all(targets: &Arc<[Target]>, max_bytes: usize) -> Result<Vec<Read>, ErrorCode> {
    let answers = read_each(targets, max_bytes, Patience::Cached);
    let missed = |answer: &Read| matches!(answer, Err(Some(FetchError::Read(ReadError::NotCached))));
    if !answers.iter().any(missed) {
        return Ok(answers);
    }
    let targets = Arc::clone(targets);
    let reading = spawn_blocking(move || read_each(&targets, max_bytes, Patience::Disk));
    reading.await.map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)
}

fn read_each(targets: &[Target], max_bytes: usize, patience: Patience) -> Vec<Read> {
    let mut left = max_bytes;
    let mut nothing_yet = true;
    let mut answers = Vec::with_capacity(targets.len());
    for one in targets {
        let Some(partition) = &one.partition else {
            answers.push(Err(None));
            continue;
        };
        let request =
            ReadRequest { max_bytes: one.read.max_bytes.min(left), at_least_one: nothing_yet, ..one.read };
        let read = partition.read(&request, patience).map_err(Some);
        if let Ok(read) = &read {
            left = left.saturating_sub(read.batches.len());
            nothing_yet &= read.batches.is_empty();
        }
        answers.push(read);
    }
    answers
}

/// Whether to answer now: enough bytes, or something that must not wait.
fn is_enough(answers: &[Read], min_bytes: usize) -> bool {
    let bytes: usize = answers.iter().flatten().map(|read| read.batches.len()).sum();
    answers.is_empty() || bytes >= min_bytes || answers.iter().any(is_urgent)
}

/// An error, or a log that is another one than the client's.
fn is_urgent(answer: &Read) -> bool {
    answer.as_ref().map_or(true, |read| read.diverging.is_some())
}

fn partition_data(call: &Call, target: &Target, answer: Read) -> PartitionData {
    let partition_index = target.index;
    match answer {
        Ok(read) => PartitionData {
            partition_index,
            high_watermark: read.high_watermark,
            last_stable_offset: read.last_stable_offset,
            log_start_offset: read.log_start_offset,
            aborted_transactions: read.aborted.map(|aborted| {
                let txn = |txn: ottla_log::AbortedTxn| AbortedTransaction {
                    producer_id: txn.producer_id,
                    first_offset: txn.first_offset,
                };
                aborted.into_iter().map(txn).collect()
            }),
            diverging_epoch: read.diverging.map_or_else(EpochEndOffset::default, |end| EpochEndOffset {
                epoch: end.epoch,
                end_offset: end.end_offset,
            }),
            records: Some(records(read.batches)),
            ..PartitionData::default()
        },
        Err(error) => {
            let missing = || match &target.topic {
                TopicKey::Id(id) if call.broker.image().topics.by_id(*id).is_none() => {
                    ErrorCode::UNKNOWN_TOPIC_ID
                }
                _ => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            };
            let error_code = error.as_ref().map_or_else(missing, |error| error.code(call.version));
            PartitionData {
                partition_index,
                error_code,
                current_leader: current_leader(call, target, error_code),
                // Kafka's answers about partitions it does not have carry an empty list, others none.
                aborted_transactions: error.is_none().then(Vec::new),
                high_watermark: -1,
                records: Some(bytes::Bytes::new().into()),
                ..PartitionData::default()
            }
        }
    }
}

/// Who leads the partition, for clients that have it from somewhere else and can take it from here (KIP-951).
fn current_leader(call: &Call, target: &Target, error_code: ErrorCode) -> LeaderIdAndEpoch {
    let is_about_leader =
        [ErrorCode::NOT_LEADER_OR_FOLLOWER, ErrorCode::FENCED_LEADER_EPOCH].contains(&error_code);
    match &target.partition {
        Some(partition) if is_about_leader && call.version >= 16 => LeaderIdAndEpoch {
            leader_id: call.broker.node_id(),
            leader_epoch: partition.inspect(|_, leader| leader.epoch()),
        },
        _ => LeaderIdAndEpoch::default(),
    }
}
