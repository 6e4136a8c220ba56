use ottla_types::Str;
use ottla_wire::messages::{
    describe_producers_request::{DescribeProducersRequest, TopicRequest},
    init_producer_id_request::InitProducerIdRequest,
};

use super::produce::{produce, read};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{batches::sequenced, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    init(cases);
    sequences(cases);
    epochs(cases);
    describe(cases);
}

/// One batch of each of (epoch, first sequence, number of records), one request each.
fn play(
    run: &mut Run,
    version: i16,
    topic: &Topic,
    producer: i64,
    batches: &[(i16, i32, usize)],
) -> Result<(), Stop> {
    for &(epoch, sequence, count) in batches {
        let records = sequenced(producer, epoch, sequence, &vec!["v"; count]);
        run.try_ask(version, produce(topic, &[(0, records)]))?;
    }
    Ok(())
}

fn init(cases: &mut Cases) {
    let fresh = || InitProducerIdRequest { transaction_timeout_ms: 60_000, ..Default::default() };
    cases.at(&[0, 1, 2, 3, 4, 5], "init-producer-id", move |run, version| {
        run.ask(version, fresh())?;
        run.ask(version, fresh()).map(drop)
    });
    cases.at(&[3, 4, 5], "init-producer-id-again", move |run, version| {
        let given = run.ask(version, fresh())?;
        let again = |epoch| InitProducerIdRequest {
            producer_id: given.producer_id,
            producer_epoch: epoch,
            ..fresh()
        };
        for epoch in [0, 5, -1] {
            run.try_ask(version, again(epoch))?;
        }
        let odd = InitProducerIdRequest { producer_id: -1, producer_epoch: 3, ..fresh() };
        run.try_ask(version, odd).map(drop)
    });
    cases.at(&[0, 4], "init-producer-id-odd-timeouts", move |run, version| {
        for transaction_timeout_ms in [0, -1, i32::MAX] {
            run.try_ask(version, InitProducerIdRequest { transaction_timeout_ms, ..fresh() })?;
        }
        Ok(())
    });
    cases.at(&[0, 4], "init-producer-id-empty-transactional-id", move |run, version| {
        let request = InitProducerIdRequest { transactional_id: Some(Str::new()), ..fresh() };
        run.try_ask(version, request).map(drop)
    });
}

fn sequences(cases: &mut Cases) {
    cases.at(&[3, 7, 13], "sequence-in-order", |run, version| {
        let topic = run.topic(1)?;
        play(run, version, &topic, 4000, &[(0, 0, 2), (0, 2, 1), (0, 3, 3)])?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.at(&[3, 7, 13], "sequence-duplicates", |run, version| {
        let topic = run.topic(1)?;
        let batches = [(0, 0, 2), (0, 0, 2), (0, 2, 1), (0, 3, 1), (0, 0, 2), (0, 3, 1), (0, 2, 1)];
        play(run, version, &topic, 4000, &batches)
    });
    cases.add("sequence-older-than-five", |run| {
        let topic = run.topic(1)?;
        let mut batches: Vec<_> = (0..7).map(|n| (0, n, 1)).collect();
        batches.extend([(0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 6, 1), (0, 7, 1)]);
        play(run, 9, &topic, 4000, &batches)
    });
    cases.at(&[3, 9], "sequence-gap", |run, version| {
        let topic = run.topic(1)?;
        play(run, version, &topic, 4000, &[(0, 0, 1), (0, 5, 1), (0, 1, 1)])
    });
    cases.add("sequence-begins-late", |run| {
        let topic = run.topic(1)?;
        play(run, 9, &topic, 4000, &[(0, 10, 2), (0, 12, 1), (0, 0, 1)])
    });
    cases.add("sequence-overlaps", |run| {
        let topic = run.topic(1)?;
        play(run, 9, &topic, 4000, &[(0, 0, 3), (0, 1, 3), (0, 1, 2), (0, 0, 2), (0, 3, 1)])
    });
    cases.add("sequence-wraps", |run| {
        let topic = run.topic(1)?;
        play(run, 9, &topic, 4000, &[(0, i32::MAX - 1, 2), (0, 0, 1), (0, 1, 1)])?;
        play(run, 9, &topic, 4001, &[(0, i32::MAX, 3), (0, 2, 1)])?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.add("sequence-of-two-partitions", |run| {
        let topic = run.topic(2)?;
        for partition in [0, 1] {
            run.ask(9, produce(&topic, &[(partition, sequenced(4000, 0, 0, &["v"]))]))?;
        }
        Ok(())
    });
}

fn epochs(cases: &mut Cases) {
    cases.at(&[3, 9, 13], "producer-epochs", |run, version| {
        let topic = run.topic(1)?;
        let batches = [(1, 0, 1), (0, 1, 1), (0, 0, 1), (2, 3, 1), (2, 0, 1), (1, 1, 1), (2, 1, 1)];
        play(run, version, &topic, 4000, &batches)
    });
    cases.add("producer-epoch-negative", |run| {
        let topic = run.topic(1)?;
        play(run, 9, &topic, 4000, &[(-1, 0, 1), (0, 0, 1)])
    });
    cases.add("producer-id-odd", |run| {
        let topic = run.topic(1)?;
        play(run, 9, &topic, -2, &[(0, 0, 1)])?;
        play(run, 9, &topic, i64::MAX, &[(0, 0, 1), (0, 0, 1)])?;
        play(run, 9, &topic, -1, &[(0, 0, 1), (-1, 0, 1)])?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
}

fn describe(cases: &mut Cases) {
    let of = |name: &Str, partitions: &[i32]| DescribeProducersRequest {
        topics: vec![TopicRequest { name: name.clone(), partition_indexes: partitions.to_vec() }],
    };
    cases.add("describe-producers", move |run| {
        let topic = run.topic(2)?;
        play(run, 9, &topic, 4000, &[(3, 0, 2), (3, 2, 1)])?;
        run.ask(0, of(&topic.name, &[0, 1])).map(drop)
    });
    cases.add("describe-producers-of-nothing", move |run| {
        let topic = run.topic(1)?;
        run.ask(0, of(&unknown(), &[0]))?;
        run.ask(0, of(&topic.name, &[1, -1]))?;
        run.ask(0, of(&topic.name, &[]))?;
        run.ask(0, of(&topic.name, &[0, 0]))?;
        run.ask(0, of(&Str::new(), &[0]))?;
        run.ask(0, DescribeProducersRequest::default()).map(drop)
    });
}
