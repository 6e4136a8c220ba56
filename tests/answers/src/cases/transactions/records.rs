//! Records of transactions: who may append them, and who sees them.

use ottla_wire::messages::{
    fetch_request::FetchRequest,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
};

use super::{Producer, end, open, produce, producer, settled, transactional};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{
        batches::{batch, sequenced},
        data::{produce_to, read_from},
    },
};

pub(super) fn add(cases: &mut Cases) {
    appending(cases);
    reading(cases);
}

fn appending(cases: &mut Cases) {
    cases.at(&[3, 9, 11, 12, 13], "produce-in-a-transaction", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(2)?);
        open(run, &own, &topic)?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 0, &["a", "b"]))]))?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 2, &["c"]))]))?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 0, &["a", "b"]))])).map(drop)
    });
    cases.at(&[3, 9, 11, 12, 13], "produce-not-added", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 0, &["a"]))])).map(drop)
    });
    cases.at(&[9, 11, 13], "produce-of-a-fenced-producer", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        open(run, &own, &topic)?;
        let newer = Producer { epoch: own.epoch + 1, ..own.clone() };
        run.ask(version, produce(&newer, &topic, &[(0, transactional(&newer, 0, &["a"]))]))?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 0, &["a"]))]))?;
        let older = Producer { epoch: -1, ..own };
        run.ask(version, produce(&older, &topic, &[(0, transactional(&older, 0, &["a"]))])).map(drop)
    });
    cases.at(&[9, 11, 13], "produce-after-the-end", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        open(run, &own, &topic)?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 0, &["a"]))]))?;
        // With the end of version 5 the epoch moves, with that of version 4 it stays.
        let ended = run.ask(if version >= 12 { 5 } else { 4 }, end(&own, true))?;
        settled(run, &own)?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 1, &["late"]))]))?;
        let next = Producer { epoch: ended.producer_epoch.max(own.epoch), ..own.clone() };
        let sequence = i32::from(version < 12);
        run.ask(version, produce(&next, &topic, &[(0, transactional(&next, sequence, &["next"]))])).map(drop)
    });
    cases.at(&[9, 13], "produce-outside-of-the-transaction", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        open(run, &own, &topic)?;
        run.ask(version, produce(&own, &topic, &[(0, transactional(&own, 0, &["a"]))]))?;
        let records = sequenced(own.id, own.epoch, 1, &["b"]);
        run.ask(version, produce(&own, &topic, &[(0, records)])).map(drop)
    });
}

/// Everything as readers of committed records see it.
fn committed(topic: &Topic) -> FetchRequest {
    FetchRequest { isolation_level: 1, ..read_from(topic, 0) }
}

fn latest(topic: &Topic, isolation_level: i8) -> ListOffsetsRequest {
    let partition = ListOffsetsPartition {
        partition_index: 0,
        timestamp: -1,
        current_leader_epoch: -1,
        ..Default::default()
    };
    let topics = vec![ListOffsetsTopic { name: topic.name.clone(), partitions: vec![partition] }];
    ListOffsetsRequest { replica_id: -1, isolation_level, topics, ..Default::default() }
}

/// The markers are written when readers of both kinds see the same end.
fn stable(run: &mut Run, topic: &Topic) -> Result<(), Stop> {
    let end = |run: &mut Run, isolation| {
        let answer = run.ask_quietly(6, &latest(topic, isolation))?;
        Ok::<_, Stop>(answer.topics[0].partitions[0].offset)
    };
    let all = end(run, 0)?;
    run.wait_until(6, &latest(topic, 1), |answer| answer.topics[0].partitions[0].offset == all).map(drop)
}

fn reading(cases: &mut Cases) {
    cases.at(&[4, 7, 11, 12, 13, 18], "fetch-committed", |run, version| {
        let (mut own, topic) = (producer(run)?, run.topic(1)?);
        for (value, commits) in [("a", true), ("b", false), ("c", true), ("d", false)] {
            run.ask_quietly(12, &produce(&own, &topic, &[(0, transactional(&own, 0, &[value]))]))?;
            let ended = run.ask_quietly(5, &end(&own, commits))?;
            run.note(&format!("{value} was {}", if commits { "committed" } else { "aborted" }));
            settled(run, &own)?;
            own.epoch = ended.producer_epoch;
        }
        stable(run, &topic)?;
        run.ask(version, committed(&topic))?;
        run.ask(version, FetchRequest { isolation_level: 0, ..committed(&topic) })?;
        let mut behind = committed(&topic);
        behind.topics[0].partitions[0].fetch_offset = 4;
        run.ask(version, behind).map(drop)
    });
    cases.at(&[4, 12, 18], "fetch-of-an-open-transaction", |run, version| {
        let (own, topic) = (producer(run)?, run.topic(1)?);
        run.ask_quietly(9, &produce_to(&topic, &[(0, batch(&["plain"]))]))?;
        run.ask_quietly(12, &produce(&own, &topic, &[(0, transactional(&own, 0, &["open"]))]))?;
        run.ask_quietly(9, &produce_to(&topic, &[(0, batch(&["behind"]))]))?;
        run.note("a record, one of an open transaction, and one behind it");
        run.ask(version, committed(&topic))?;
        run.ask(version, FetchRequest { isolation_level: 0, ..committed(&topic) })?;
        for isolation in [0, 1] {
            run.ask(6, latest(&topic, isolation))?;
        }
        Ok(())
    });
}
