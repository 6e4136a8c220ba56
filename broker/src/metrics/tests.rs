use std::{sync::Arc, time::Duration};

use ottla_coordinator::group::{ConsumerState, GroupState, State};
use ottla_types::ErrorCode;
use ottla_wire::ApiKey;

use super::{CoordinatorsState, GroupOffset, LogState, Metrics, Snapshot, Source};

struct Fixed;

impl Source for Fixed {
    fn snapshot(&self) -> Snapshot {
        let log = |partition| LogState {
            topic: "orders".into(),
            partition,
            size: 1234,
            log_start_offset: 5,
            log_end_offset: 10,
            high_watermark: 9,
            last_stable_offset: 9 - i64::from(partition),
            producer_ids: 3,
            late_transaction: partition == 1,
        };
        let offset = |partition, lag| GroupOffset {
            group: "a \"quoted\" one".into(),
            topic: "orders".into(),
            partition,
            committed: 7,
            lag,
        };
        let groups = vec![offset(0, Some(2)), offset(9, None)];
        let mut coordinators = CoordinatorsState { offsets: 2, ..CoordinatorsState::default() };
        coordinators.group(GroupState::Classic(State::Stable));
        coordinators.group(GroupState::Consumer(ConsumerState::Empty));
        coordinators.group(GroupState::Consumer(ConsumerState::Stable));
        coordinators.transaction(ottla_coordinator::transaction::State::Ongoing);
        Snapshot { topics: 1, logs: vec![log(0), log(1)], groups, coordinators, ..Snapshot::default() }
    }

    fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|found| found == line), "`{line}` is missing in\n{text}");
}

#[test]
fn what_passed_and_what_there_is_are_shown() {
    let metrics = Metrics::new();
    metrics.attach(Arc::new(Fixed));
    metrics.on_request(ApiKey::Produce, 9, 100, 10, Duration::from_micros(200));
    metrics.on_request(ApiKey::Produce, 8, 11, 5, Duration::from_millis(300));
    metrics.on_request(ApiKey::Fetch, 0, 50, 5000, Duration::from_millis(300));
    metrics.on_error(ApiKey::Produce, ErrorCode::NOT_ENOUGH_REPLICAS);
    metrics.on_error(ApiKey::Produce, ErrorCode::NONE);
    let text = metrics.encode();
    has(&text, "ottla_requests_total{api=\"Produce\",version=\"9\"} 1");
    has(&text, "ottla_request_bytes_total{api=\"Produce\"} 111");
    has(&text, "ottla_response_bytes_total{api=\"Fetch\"} 5000");
    has(&text, "ottla_requests_total{api=\"Fetch\",version=\"0\"} 1");
    has(&text, "ottla_request_errors_total{api=\"Produce\",error=\"NOT_ENOUGH_REPLICAS\"} 1");
    has(&text, "ottla_request_duration_seconds_bucket{le=\"0.00025\",api=\"Produce\"} 1");
    has(&text, "ottla_request_duration_seconds_count{api=\"Produce\"} 2");
    has(&text, "ottla_log_size_bytes{topic=\"orders\",partition=\"1\"} 1234");
    has(&text, "ottla_high_watermark{topic=\"orders\",partition=\"0\"} 9");
    has(&text, "ottla_partitions 2");
    has(&text, "ottla_last_stable_offset_lag{topic=\"orders\",partition=\"1\"} 1");
    has(&text, "ottla_producer_id_count 6");
    has(&text, "ottla_partitions_with_late_transactions_count 1");
    has(&text, "ottla_group_count{protocol=\"consumer\"} 2");
    has(&text, "ottla_classic_group_count{state=\"Stable\"} 1");
    has(&text, "ottla_classic_group_count{state=\"PreparingRebalance\"} 0");
    has(&text, "ottla_consumer_group_count{state=\"Empty\"} 1");
    has(&text, "ottla_group_offsets 2");
    has(&text, "ottla_transactional_id_count{state=\"Ongoing\"} 1");
    has(&text, r#"ottla_group_lag{group="a \"quoted\" one",topic="orders",partition="0"} 2"#);
    assert!(
        !text.contains("ottla_group_lag{group=\"a \\\"quoted\\\" one\",topic=\"orders\",partition=\"9\"}")
    );
    assert!(!text.contains("error=\"NONE\""));
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn every_metric_says_what_it_is() {
    let metrics = Metrics::new();
    metrics.attach(Arc::new(Fixed));
    let text = metrics.encode();
    let named = |prefix: &str| -> Vec<String> {
        let of =
            |line: &str| line.strip_prefix(prefix).map(|rest| rest.split(' ').next().unwrap().to_owned());
        text.lines().filter_map(of).collect()
    };
    let (helps, types) = (named("# HELP "), named("# TYPE "));
    assert_eq!(helps, types);
    assert!(helps.len() > 20, "{helps:?}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(types.iter().any(|name| line.starts_with(name.as_str())), "{line}");
    }
}
