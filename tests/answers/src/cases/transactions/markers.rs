//! WriteTxnMarkers, as coordinators and operators send them.

use ottla_wire::messages::{
    describe_producers_request::{DescribeProducersRequest, TopicRequest},
    write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest},
};

use super::{Producer, init, open, produce, producer, transactional};
use crate::{Cases, Run, Stop, Topic, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    cases.at(&[1, 2], "write-txn-markers", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(2)?);
        begin(run, &own, &topic)?;
        run.ask(version, markers(&own, &topic, &[0, 1], 3))?;
        run.ask(version, markers(&own, &topic, &[0], 3))?;
        run.ask(version, markers(&own, &topic, &[0], 2))?;
        describe(run, &topic)
    });
    cases.at(&[1, 2], "write-txn-markers-refused", |run, version| {
        let (older, topic) = (producer(run)?, run.topic(1)?);
        let epoch = run.ask_quietly(4, &init(&older.name))?.producer_epoch;
        let own = Producer { epoch, ..older.clone() };
        begin(run, &own, &topic)?;
        run.ask(version, markers(&older, &topic, &[0], 3))?;
        run.ask(version, markers(&own, &topic, &[5], 3))?;
        let nothing = Topic { name: unknown(), ..Topic::default() };
        run.ask(version, markers(&own, &nothing, &[0], 3))?;
        run.ask(version, WriteTxnMarkersRequest::default())?;
        describe(run, &topic)
    });
    cases.add("write-txn-markers-of-version-2", |run| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        begin(run, &own, &topic)?;
        let of_version_2 = |producer: &Producer| {
            let mut request = markers(producer, &topic, &[0], 3);
            request.markers[0].transaction_version = 2;
            request
        };
        run.ask(2, of_version_2(&own))?;
        let next = Producer { epoch: own.epoch + 1, ..own };
        run.ask(2, of_version_2(&next))?;
        run.note("the same again");
        run.ask(2, of_version_2(&next))?;
        describe(run, &topic)
    });
}

fn begin(run: &mut Run, own: &Producer, topic: &Topic) -> Result<(), Stop> {
    open(run, own, topic)?;
    run.note("and written to");
    run.ask_quietly(9, &produce(own, topic, &[(0, transactional(own, 0, &["a"]))])).map(drop)
}

fn markers(
    own: &Producer,
    topic: &Topic,
    partitions: &[i32],
    coordinator_epoch: i32,
) -> WriteTxnMarkersRequest {
    let topics =
        vec![WritableTxnMarkerTopic { name: topic.name.clone(), partition_indexes: partitions.to_vec() }];
    let marker = WritableTxnMarker {
        producer_id: own.id,
        producer_epoch: own.epoch,
        transaction_result: false,
        topics,
        coordinator_epoch,
        transaction_version: 0,
    };
    WriteTxnMarkersRequest { markers: vec![marker] }
}

fn describe(run: &mut Run, topic: &Topic) -> Result<(), Stop> {
    let topics = vec![TopicRequest { name: topic.name.clone(), partition_indexes: vec![0] }];
    run.ask(0, DescribeProducersRequest { topics }).map(drop)
}
