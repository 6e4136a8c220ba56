use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::Records;
use ottla_wire::messages::{
    fetch_request::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic},
    fetch_response::{FetchableTopicResponse, PartitionData},
};
use parking_lot::Mutex;

use super::{Answer, FetchContext, FetchSessions, Owner, SessionLimits, TopicKey};

const ME: &str = "User:me";

struct Rig {
    sessions: Mutex<FetchSessions<&'static str>>,
    next_id: i32,
    now: Millis,
}

impl Rig {
    fn new(slots: usize) -> Self {
        let limits = SessionLimits { slots, ..SessionLimits::default() };
        Self { sessions: Mutex::new(FetchSessions::new(limits)), next_id: 0, now: Millis(0) }
    }

    fn begin(&self, request: &FetchRequest) -> Result<FetchContext, ErrorCode> {
        self.begin_as(ME, 12, request)
    }

    fn begin_as(
        &self,
        who: &'static str,
        version: i16,
        request: &FetchRequest,
    ) -> Result<FetchContext, ErrorCode> {
        self.sessions.lock().begin(self.now, &who, version, request)
    }

    fn answer(&mut self, context: FetchContext, read: Vec<(TopicKey, PartitionData)>) -> Answer {
        let owner = Owner { principal: &ME, follower: false };
        let next_id = &mut self.next_id;
        context.answer(&self.sessions, self.now, owner, read, || {
            *next_id += 1;
            *next_id
        })
    }

    /// Answers with `data` for every partition that is wanted.
    fn answer_all(&mut self, context: FetchContext, data: &PartitionData) -> Answer {
        let read = context
            .wanted()
            .iter()
            .map(|wanted| (wanted.topic.clone(), at(wanted.partition.partition, data.clone())))
            .collect();
        self.answer(context, read)
    }

    /// Opens a session on these partitions of topic `t`; its id, 0 for none.
    fn open(&mut self, partitions: &[i32]) -> i32 {
        let context = self.begin(&request(0, 0, partitions)).unwrap();
        self.answer_all(context, &quiet()).session_id
    }
}

fn request(session_id: i32, session_epoch: i32, partitions: &[i32]) -> FetchRequest {
    let of = |partition: &i32| FetchPartition {
        partition: *partition,
        partition_max_bytes: 100,
        ..Default::default()
    };
    let partitions: Vec<_> = partitions.iter().map(of).collect();
    let topics = vec![FetchTopic { topic: Str::from_static("t"), partitions, ..Default::default() }];
    FetchRequest { session_id, session_epoch, topics, ..Default::default() }
}

fn unchanged(session_id: i32, session_epoch: i32) -> FetchRequest {
    FetchRequest { session_id, session_epoch, ..Default::default() }
}

fn at(partition_index: i32, data: PartitionData) -> PartitionData {
    PartitionData { partition_index, ..data }
}

fn quiet() -> PartitionData {
    PartitionData {
        high_watermark: 10,
        log_start_offset: 0,
        records: Some(Records::default()),
        ..Default::default()
    }
}

fn with_records() -> PartitionData {
    PartitionData { records: Some(Records::from(bytes::Bytes::from_static(b"batch"))), ..quiet() }
}

fn listed(answer: &Answer) -> Vec<i32> {
    answer
        .responses
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|part| part.partition_index))
        .collect()
}

#[test]
fn an_incremental_answer_lists_only_news() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0, 1, 2, 3, 4, 5]);
    assert_ne!(id, 0);
    let context = rig.begin(&unchanged(id, 1)).unwrap();
    let topic = TopicKey::Name(Str::from_static("t"));
    let read = vec![
        (topic.clone(), at(0, quiet())),
        (topic.clone(), at(1, PartitionData { high_watermark: 11, ..quiet() })),
        (topic.clone(), at(2, PartitionData { log_start_offset: 1, ..quiet() })),
        (topic.clone(), at(3, PartitionData { error_code: ErrorCode::NOT_LEADER_OR_FOLLOWER, ..quiet() })),
        (topic.clone(), at(4, with_records())),
        (topic, at(5, PartitionData { preferred_read_replica: 3, ..quiet() })),
    ];
    let answer = rig.answer(context, read);
    assert_eq!((answer.session_id, answer.error_code), (id, ErrorCode::NONE));
    assert_eq!(listed(&answer), [1, 2, 3, 4, 5]);
}

#[test]
fn a_partition_that_recovers_from_an_error_is_news() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0]);
    let context = rig.begin(&unchanged(id, 1)).unwrap();
    let failed = PartitionData { error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ..quiet() };
    assert_eq!(listed(&rig.answer_all(context, &failed)), [0]);
    let context = rig.begin(&unchanged(id, 2)).unwrap();
    assert_eq!(listed(&rig.answer_all(context, &quiet())), [0], "although nothing moved");
    let context = rig.begin(&unchanged(id, 3)).unwrap();
    assert!(rig.answer_all(context, &quiet()).responses.is_empty());
}

#[test]
fn who_got_records_is_read_last_next_time() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0, 1, 2]);
    let context = rig.begin(&unchanged(id, 1)).unwrap();
    let topic = TopicKey::Name(Str::from_static("t"));
    rig.answer(context, vec![(topic.clone(), at(0, with_records())), (topic, at(1, quiet()))]);
    let context = rig.begin(&unchanged(id, 2)).unwrap();
    let order: Vec<_> = context.wanted().iter().map(|wanted| wanted.partition.partition).collect();
    assert_eq!(order, [1, 2, 0]);
}

#[test]
fn a_request_adds_changes_and_forgets_partitions() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0, 1]);
    let mut change = request(id, 1, &[1, 2]);
    change.topics[0].partitions[0].fetch_offset = 77;
    let forgotten =
        ForgottenTopic { topic: Str::from_static("t"), partitions: vec![0, 9], ..Default::default() };
    change.forgotten_topics_data = vec![forgotten];
    let context = rig.begin(&change).unwrap();
    let wanted: Vec<_> =
        context.wanted().iter().map(|want| (want.partition.partition, want.partition.fetch_offset)).collect();
    assert_eq!(wanted, [(1, 77), (2, 0)]);
    assert_eq!(rig.sessions.lock().partitions(), 2);
}

#[test]
fn forgetting_everything_ends_the_session() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0]);
    let mut change = unchanged(id, 1);
    change.forgotten_topics_data =
        vec![ForgottenTopic { topic: Str::from_static("t"), partitions: vec![0], ..Default::default() }];
    let context = rig.begin(&change).unwrap();
    assert_eq!(rig.answer_all(context, &quiet()), Answer::default());
    assert_eq!(rig.sessions.lock().len(), 0);
    assert_eq!(rig.begin(&unchanged(id, 2)).unwrap_err(), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
}

#[test]
fn wrong_sessions_are_told_apart() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0]);
    assert_eq!(rig.begin(&unchanged(id + 1, 1)).unwrap_err(), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    assert_eq!(rig.begin(&unchanged(id, 2)).unwrap_err(), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
    assert_eq!(rig.begin(&unchanged(id, -2)).unwrap_err(), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
    assert_eq!(
        rig.begin_as(ME, 13, &unchanged(id, 1)).unwrap_err(),
        ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR,
        "opened by name, continued by id"
    );
    assert_eq!(
        rig.begin_as("User:you", 12, &unchanged(id, 1)).unwrap_err(),
        ErrorCode::FETCH_SESSION_ID_NOT_FOUND,
        "somebody else's session does not exist"
    );
    rig.begin_as("User:you", 12, &unchanged(id, -1)).unwrap();
    assert_eq!(rig.sessions.lock().len(), 1, "and cannot be closed");
    assert!(rig.begin(&unchanged(id, 1)).is_ok(), "none of that has moved its epoch");
}

#[test]
fn epochs_wrap_to_one() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0]);
    rig.sessions.lock().set_epoch(id, i32::MAX);
    rig.begin(&unchanged(id, i32::MAX)).unwrap();
    rig.begin(&unchanged(id, 1)).unwrap();
}

#[test]
fn a_session_that_went_on_elsewhere_fails_the_request_that_waited() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0]);
    let waiting = rig.begin(&unchanged(id, 1)).unwrap();
    rig.begin(&unchanged(id, 2)).unwrap();
    let answer = rig.answer_all(waiting, &with_records());
    assert_eq!(answer, Answer::failed(ErrorCode::INVALID_FETCH_SESSION_EPOCH));
}

#[test]
fn closing_and_opening_anew_give_the_slot_back() {
    let mut rig = Rig::new(10);
    let id = rig.open(&[0]);
    let context = rig.begin(&request(id, -1, &[3])).unwrap();
    assert_eq!(context.wanted().len(), 1, "a closing request may still fetch");
    let answer = rig.answer_all(context, &quiet());
    assert_eq!((answer.session_id, listed(&answer)), (0, vec![3]));
    assert_eq!(rig.sessions.lock().len(), 0);

    let id = rig.open(&[0]);
    let context = rig.begin(&request(id, 0, &[1])).unwrap();
    assert_ne!(rig.answer_all(context, &quiet()).session_id, id);
    assert_eq!(rig.sessions.lock().len(), 1);
}

#[test]
fn a_partition_named_twice_counts_once() {
    let mut rig = Rig::new(10);
    let mut twice = request(0, 0, &[0, 1, 0]);
    twice.topics[0].partitions[2].fetch_offset = 9;
    let context = rig.begin(&twice).unwrap();
    let wanted: Vec<_> =
        context.wanted().iter().map(|want| (want.partition.partition, want.partition.fetch_offset)).collect();
    assert_eq!(wanted, [(0, 9), (1, 0)]);
    let id = rig.answer_all(context, &quiet()).session_id;
    let context = rig.begin(&request(id, 1, &[1, 1])).unwrap();
    assert_eq!(context.wanted().len(), 2);
}

#[test]
fn sessionless_fetches_keep_nothing() {
    let mut rig = Rig::new(10);
    let context = rig.begin(&request(0, -1, &[0, 1])).unwrap();
    let answer = rig.answer_all(context, &quiet());
    assert_eq!((answer.session_id, listed(&answer)), (0, vec![0, 1]));
    assert_eq!(rig.sessions.lock().len(), 0);
}

#[test]
fn a_full_cache_serves_without_sessions_until_one_is_stale() {
    let mut rig = Rig::new(2);
    let (first, second) = (rig.open(&[0]), rig.open(&[0]));
    assert_eq!(rig.open(&[0]), 0);
    rig.now = Millis(120_000);
    assert_eq!(rig.open(&[0]), 0, "two minutes are not more than two minutes");
    rig.begin(&unchanged(second, 1)).unwrap();
    rig.now = Millis(120_001);
    assert_ne!(rig.open(&[0]), 0);
    assert_eq!(rig.begin(&unchanged(first, 1)).unwrap_err(), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    assert!(rig.begin(&unchanged(second, 2)).is_ok(), "the one in use stays");
    assert_eq!(rig.sessions.lock().evicted(), 1);
}

#[test]
fn a_larger_session_takes_the_place_of_a_smaller_one_that_has_had_its_time() {
    let mut rig = Rig::new(2);
    let (small, large) = (rig.open(&[0]), rig.open(&[0, 1, 2]));
    rig.now = Millis(130_000);
    for id in [small, large] {
        rig.begin(&unchanged(id, 1)).unwrap();
    }
    assert_eq!(rig.open(&[0]), 0, "not larger");
    assert_ne!(rig.open(&[0, 1]), 0);
    assert!(rig.begin(&unchanged(small, 2)).is_err());
    assert!(rig.begin(&unchanged(large, 2)).is_ok());
    assert_eq!(rig.open(&[0, 1, 2]), 0, "the new one is too young, the other one not smaller");
}

#[test]
fn partitions_are_bounded_too() {
    let limits = SessionLimits { partitions: 3, ..SessionLimits::default() };
    let mut rig = Rig { sessions: Mutex::new(FetchSessions::new(limits)), next_id: 0, now: Millis(0) };
    assert_ne!(rig.open(&[0, 1]), 0);
    assert_eq!(rig.open(&[0, 1]), 0);
    assert_ne!(rig.open(&[0]), 0);
}

#[test]
fn topics_by_id_come_back_by_id() {
    let mut rig = Rig::new(10);
    let (a, b) = (Uuid::from_u128(200), Uuid::from_u128(300));
    let of = |partition| FetchPartition { partition, ..Default::default() };
    let topic = |topic_id, partitions| FetchTopic { topic_id, partitions, ..Default::default() };
    let topics = vec![topic(a, vec![of(0), of(1)]), topic(b, vec![of(0)])];
    let request = FetchRequest { session_epoch: 0, topics, ..Default::default() };
    let context = rig.begin_as(ME, 13, &request).unwrap();
    let answer = rig.answer_all(context, &quiet());
    let shape = |topic: &FetchableTopicResponse| (topic.topic_id, topic.partitions.len());
    assert_eq!(answer.responses.iter().map(shape).collect::<Vec<_>>(), [(a, 2), (b, 1)]);
    assert_eq!(
        rig.begin(&unchanged(answer.session_id, 1)).unwrap_err(),
        ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR
    );
}
