//! The broker in the process of a test.

use std::time::Duration;

use ottla_client::{ClientError, OutgoingRecord, Position, Producer, ProducerOptions, SendError};
use ottla_testkit::{
    ApiKey, ErrorCode, Fault, TestBroker,
    messages::{
        list_groups_request::ListGroupsRequest, produce_request::ProduceRequest,
        produce_response::ProduceResponse,
    },
};

fn hello() -> OutgoingRecord {
    OutgoingRecord::value("hello")
}

#[tokio::test]
async fn brokers_have_nothing_in_common_and_leave_nothing() {
    let (first, second) =
        (TestBroker::start().await, TestBroker::start_with(&[("num.partitions", "4")]).await);
    for (broker, partitions) in [(&first, 1), (&second, 4)] {
        let client = broker.client().await;
        assert!(client.topics().await.expect("it answers").is_empty());
        let producer = Producer::new(&client, ProducerOptions::default()).expect("the options go together");
        assert_eq!(producer.send("greetings", hello()).await.expect("it is acknowledged").offset, 0);
        assert_eq!(client.topic("greetings", false).await.expect("it is there").partitions.len(), partitions);
    }
    let folder = |client: ottla_client::Client| async move {
        let dirs = client.log_dirs(1).await.expect("it answers");
        std::path::PathBuf::from(&dirs.first().expect("it has one").path)
    };
    let folders = [folder(first.client().await).await, folder(second.client().await).await];
    assert!(folders.iter().all(|folder| folder.exists()), "{folders:?}");
    first.stop().await.expect("it stops");
    drop(second);
    assert!(!folders.iter().any(|folder| folder.exists()), "{folders:?}");
}

#[test]
fn tests_with_runtimes_of_their_own_may_share_one() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let broker = runtime().block_on(TestBroker::start());
    for offset in 0..3 {
        runtime().block_on(async {
            let client = broker.client().await;
            let producer =
                Producer::new(&client, ProducerOptions::default()).expect("the options go together");
            let ack = producer.send("greetings", hello()).await.expect("it is acknowledged");
            assert_eq!(ack.offset, offset);
        });
    }
}

#[tokio::test]
async fn what_does_not_go_together_is_said() {
    let start = tokio::spawn(TestBroker::start_with(&[("num.partitions", "none")]));
    let panic = start.await.expect_err("there is no such number").into_panic();
    let said = panic.downcast_ref::<String>().expect("it says why");
    assert!(said.starts_with("the broker does not start: ") && said.contains("num.partitions"), "{said}");
}

#[tokio::test]
async fn requests_go_wrong_as_often_as_they_are_to() {
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    broker.refuse::<ListGroupsRequest>(2, ErrorCode::COORDINATOR_LOAD_IN_PROGRESS);
    for _ in 0..2 {
        let error = client.ask(&ListGroupsRequest::default()).await.expect("it is answered").error_code;
        assert_eq!(error, ErrorCode::COORDINATOR_LOAD_IN_PROGRESS);
    }
    assert!(client.ask(&ListGroupsRequest::default()).await.expect("it is answered").error_code.is_ok());
    broker.disturb(ApiKey::ListGroups, 1, Fault::Unheard);
    let error = client.ask(&ListGroupsRequest::default()).await.expect_err("nobody answers");
    assert!(matches!(error, ClientError::Lost(_)), "{error}");
    broker.disturb(ApiKey::ListGroups, 1, Fault::Unheard);
    broker.calm();
    client.ask(&ListGroupsRequest::default()).await.expect("it is answered");
}

#[tokio::test]
async fn an_answer_that_gets_lost_is_of_something_that_was_done() {
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    client.create_topic("greetings", 1, 1, &[]).await.expect("it is made");
    let hasty = ProducerOptions {
        idempotence: false,
        retry_backoff: Duration::from_millis(5),
        ..ProducerOptions::default()
    };
    let producer = Producer::new(&client, hasty).expect("the options go together");
    broker.disturb(ApiKey::Produce, 2, Fault::Unanswered);
    producer.send("greetings", hello()).await.expect("it is acknowledged");
    // Nothing knows the record again without idempotence.
    let end = client.offsets_at("greetings", Position::End).await.expect("it ends somewhere");
    assert_eq!(end[&0], 3);
}

#[tokio::test]
async fn answers_may_be_somebody_elses() {
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    let producer = Producer::new(&client, ProducerOptions::default()).expect("the options go together");
    broker.answer(|request: &ProduceRequest| Some(no_room(request)));
    let error = producer.send("greetings", hello()).await.expect_err("it is refused");
    let refused = matches!(
        error,
        SendError::Refused { code: ErrorCode::POLICY_VIOLATION, possibly_written: false, .. }
    );
    assert!(refused, "{error}");
    broker.calm();
    assert_eq!(producer.send("greetings", hello()).await.expect("it is acknowledged").offset, 0);
}

/// Refuses every partition of a request.
fn no_room(request: &ProduceRequest) -> ProduceResponse {
    use ottla_testkit::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
    let partition = |index| PartitionProduceResponse {
        index,
        error_code: ErrorCode::POLICY_VIOLATION,
        ..PartitionProduceResponse::default()
    };
    let topics = request.topic_data.iter().map(|topic| TopicProduceResponse {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partition_responses: topic.partition_data.iter().map(|of| partition(of.index)).collect(),
    });
    ProduceResponse { responses: topics.collect(), ..ProduceResponse::default() }
}
