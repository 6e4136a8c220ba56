//! Replay alone: any order of records, races between transactions and plain commits, hostile bytes.

use super::*;
use crate::testing::{Dice, compact};
use std::collections::{BTreeMap, HashMap};

type Key = (Str, i32);

/// Kafka's rule in its own words: every record has an offset, the higher one wins (KAFKA-14505).
#[derive(Default)]
struct Model {
    committed: BTreeMap<Key, (usize, i64)>,
    pending: HashMap<i64, BTreeMap<Key, (usize, i64)>>,
}

impl Model {
    fn replay(&mut self, at: usize, record: &Record) {
        match record {
            Record::Offset { key, value, producer_id } => {
                let key = (key.group_id.clone(), key.partition);
                match (value, producer_id) {
                    (Some(value), None) => {
                        self.committed.insert(key, (at, value.offset));
                    }
                    (Some(value), Some(producer_id)) => {
                        self.pending.entry(*producer_id).or_default().insert(key, (at, value.offset));
                    }
                    (None, _) => {
                        self.committed.remove(&key);
                        self.pending
                            .values_mut()
                            .for_each(|offsets| offsets.retain(|other, _| *other != key));
                    }
                }
            }
            Record::TransactionEnd { producer_id, committed } => {
                for (key, (at, offset)) in
                    self.pending.remove(producer_id).filter(|_| *committed).into_iter().flatten()
                {
                    if self.committed.get(&key).is_none_or(|(other, _)| *other < at) {
                        self.committed.insert(key, (at, offset));
                    }
                }
            }
            Record::Group { .. } | Record::Consumer { .. } | Record::Unknown { .. } => {}
        }
    }
}

fn any_record(dice: &mut Dice, offset: i64) -> Record {
    let producer_id = i64::try_from(dice.below(3)).unwrap();
    let key = OffsetKey {
        group_id: text(["g", "h"][usize::try_from(dice.below(2)).unwrap()]),
        topic: text("t"),
        partition: 0,
    };
    let stored = StoredOffset {
        offset,
        leader_epoch: -1,
        metadata: Str::new(),
        commit_timestamp: 0,
        expire_timestamp: -1,
        topic_id: Uuid::ZERO,
    };
    match dice.below(10) {
        0..=2 => Record::Offset { key, value: Some(stored), producer_id: None },
        3..=5 => Record::Offset { key, value: Some(stored), producer_id: Some(producer_id) },
        6 => Record::Offset { key, value: None, producer_id: None },
        7 | 8 => Record::TransactionEnd { producer_id, committed: dice.one_in(2) },
        _ => Record::Group { group_id: key.group_id, value: None },
    }
}

#[test]
fn a_committed_offset_never_goes_back_when_transactions_race() {
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let (mut live, mut model, mut log) = (Groups::default(), Model::default(), Vec::new());
        for at in 0..40 {
            let record = any_record(&mut dice, i64::try_from(at).unwrap());
            live.replay(&record);
            model.replay(at, &record);
            log.push(record);
            let offsets: BTreeMap<Key, i64> = live
                .durable()
                .offsets()
                .map(|(group, _, partition, stored)| ((group.clone(), partition), stored.offset))
                .collect();
            let expected: BTreeMap<Key, i64> =
                model.committed.iter().map(|(key, (_, offset))| (key.clone(), *offset)).collect();
            assert_eq!(offsets, expected, "seed {seed}, record {at}");
            let mut again = Groups::default();
            compact::<Groups>(&log, false).iter().for_each(|record| again.replay(record));
            assert_eq!(
                live.durable(),
                again.durable(),
                "seed {seed}, record {at}: replay(compacted log) differs"
            );
        }
    }
}

#[test]
fn tombstones_of_what_is_not_there_are_nothing() {
    let mut groups = Groups::default();
    let key = OffsetKey { group_id: text("g"), topic: text("t"), partition: 0 };
    groups.replay(&Record::Group { group_id: text("g"), value: None });
    groups.replay(&Record::Offset { key, value: None, producer_id: None });
    groups.replay(&Record::TransactionEnd { producer_id: 1, committed: true });
    groups.loaded(Millis(0));
    assert_eq!((groups.durable(), groups.group_count()), (&Durable::default(), 0));
}

#[test]
fn a_group_id_can_be_used_again_after_its_group_was_deleted() {
    let mut bench = bench();
    let members = bench.stable("g", 1);
    bench.commit("g", 1, &members[0].member_id, 9);
    bench.leave("g", &[(&members[0].member_id, None)]);
    bench.ask(Command::DeleteGroups(vec![text("g")]));
    assert_eq!((bench.state("g"), bench.offset("g", "t")), (None, -1));
    // The old member is nobody in the new group, whatever generation it names.
    let again = bench.stable("g", 1);
    assert_eq!(again[0].generation, 1);
    assert_eq!(bench.commit("g", 1, &members[0].member_id, 3), ErrorCode::UNKNOWN_MEMBER_ID);
    bench.restart();
    assert_eq!(bench.commit("g", 1, &again[0].member_id, 4), ErrorCode::NONE);
}

#[test]
fn whatever_the_bytes_are_decoding_ends() {
    let key = Bytes::from_static(b"\0\x02\0\x01g");
    let value = Bytes::from_static(b"\0\x03\0\x08consumer\0\0\0\x03\0\x05range\0\x01m\0\0\0\0\0\0\0\0\0\0\0\x01\0\x01m\xff\xff\0\x01c\0\x01h\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0");
    assert!(matches!(Record::decode(&key, Some(&value), None), Ok(Record::Group { value: Some(_), .. })));
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let mut mangle = |bytes: &Bytes| {
            let mut bytes = bytes.to_vec();
            for _ in 0..=dice.below(3) {
                let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
                bytes[at] = u8::try_from(dice.below(256)).unwrap();
            }
            bytes.truncate(bytes.len() - usize::try_from(dice.below(3)).unwrap());
            Bytes::from(bytes)
        };
        let (key, value) = (mangle(&key), mangle(&value));
        if let Ok(record) = Record::decode(&key, Some(&value), None) {
            let mut groups = Groups::default();
            groups.replay(&record);
            groups.loaded(Millis(0));
            groups.tick(Millis(i64::MAX));
        }
    }
}

#[test]
fn unreadable_subscriptions_count_as_reading_everything() {
    for bad in [
        Bytes::new(),
        Bytes::from_static(b"\0\x01"),
        Bytes::from_static(b"\xff\xff\0\0\0\0"),
        Bytes::from_static(b"\0\x01\x7f\xff\xff\xff"),
        Bytes::from_static(b"\0\x01\0\0\0\x01\x7f\xffx"),
        Bytes::from_static(b"\0\x01\0\0\0\x01\0\x01\xff"),
    ] {
        let mut bench = bench();
        bench.commit("g", -1, "", 1);
        let protocols = vec![Protocol { name: text("range"), metadata: bad.clone() }];
        let ticket = bench.send_join(JoinGroup {
            protocols,
            requires_known_member_id: false,
            ..request("g", &Str::new())
        });
        bench.pass(3_000);
        assert_eq!(bench.joined(ticket).error, ErrorCode::NONE);
        let topics = vec![DeleteTopic { name: text("t"), partitions: vec![0] }];
        let Reply::DeleteOffsets(Ok(codes)) =
            bench.ask(Command::DeleteOffsets(DeleteOffsets { group_id: text("g"), topics }))
        else {
            panic!("refused")
        };
        assert_eq!(codes[0].1[0].1, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC, "{bad:?}");
    }
}
