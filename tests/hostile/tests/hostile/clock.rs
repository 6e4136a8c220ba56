//! Bug 59: records from the past and from the future.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ottla_hostile::{Broker, MIB, create_topic, produce};
use ottla_testkit::until;
use ottla_types::ErrorCode;
use ottla_wire::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

const DAY: i64 = 86_400_000;

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_millis()).expect("soon enough")
}

fn earliest(broker: &Broker, topic: &str) -> i64 {
    let partition = ListOffsetsPartition { timestamp: -2, current_leader_epoch: -1, ..Default::default() };
    let topic = ListOffsetsTopic { name: topic.to_owned().into(), partitions: vec![partition] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
    broker.connect().ask(7, &request).topics[0].partitions[0].offset
}

/// Retention goes by the time records carry, as in Kafka: the past leaves, the present stays, the future is refused
/// before it could stay for ever, and where it is allowed, size and DeleteRecords still apply.
#[test]
fn b59_retention_and_records_of_other_times() {
    let quick = [("log.retention.check.interval.ms", "200"), ("log.initial.task.delay.ms", "200")];
    let broker = Broker::start_with(&quick);
    let mut wire = broker.connect();
    let day = [("retention.ms", "86400000"), ("file.delete.delay.ms", "100")];
    for topic in ["past", "present", "none"] {
        create_topic(&mut wire, topic, 1, &day);
    }
    let future = [
        &day[..],
        &[
            ("message.timestamp.after.max.ms", "9223372036854775807"),
            ("segment.bytes", "1048576"),
            ("retention.bytes", "1048576"),
        ],
    ]
    .concat();
    create_topic(&mut wire, "future", 1, &future);
    let far = i64::MAX / 2;
    let large = |timestamp| super::batches::stamped(timestamp, None, &vec![0; 600_000]);
    for (topic, timestamp) in [("past", now() - 3 * DAY), ("present", now()), ("none", -1)] {
        for _ in 0..2 {
            assert_eq!(produce(&mut wire, 9, topic, 0, large(timestamp)).error_code, ErrorCode::NONE);
        }
    }
    for timestamp in [far, i64::MAX, now(), far, 0] {
        assert_eq!(produce(&mut wire, 9, "future", 0, large(timestamp)).error_code, ErrorCode::NONE);
    }
    until("the past to be gone", Duration::from_secs(30), || (earliest(&broker, "past") == 2).then_some(()));
    until("the size of the future to be kept", Duration::from_secs(30), || {
        (earliest(&broker, "future") > 0).then_some(())
    });
    // Several rounds of retention have passed for those that stay.
    assert_eq!((earliest(&broker, "present"), earliest(&broker, "none")), (0, 0));
    assert_eq!(produce(&mut wire, 9, "past", 0, large(now())).base_offset, 2, "offsets go on");
    broker.finish("b59", 64 * MIB);
}
