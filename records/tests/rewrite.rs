//! Batches without some of their records.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use bytes::Bytes;
use ottla_records::{
    Batch, BatchBuilder, Codec, Levels, Limits, NewRecord, RecordView, TimestampType, with_records,
    without_records,
};
use proptest::prelude::*;

fn batch(codec: Codec, append_time: bool, timestamps: &[i64]) -> Batch {
    let mut builder = BatchBuilder::new()
        .base_offset(1000)
        .leader_epoch(7)
        .producer(42, 3, 50)
        .transactional()
        .codec(codec, Levels::default());
    if append_time {
        builder = builder.timestamp_type(TimestampType::LogAppendTime);
    }
    for (at, timestamp) in timestamps.iter().enumerate() {
        let (key, value) = (format!("k{at}"), format!("v{at}"));
        let headers: &[(&[u8], Option<&[u8]>)] = &[(b"h", Some(b"x")), (b"h", None)];
        builder.push(&NewRecord {
            timestamp: *timestamp,
            key: Some(key.as_bytes()),
            value: (at % 3 > 0).then_some(value.as_bytes()),
            headers: if at % 2 == 0 { headers } else { &[] },
        });
    }
    Batch::parse(&builder.finish().freeze()).unwrap()
}

type Told = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, usize);

fn told(record: &RecordView<'_>) -> Told {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    (record.offset, record.timestamp, owned(record.key), owned(record.value), record.headers().count())
}

proptest! {
    #[test]
    fn what_is_kept_is_unchanged_and_the_batch_keeps_its_place(
        codec in 0i16..5,
        append_time: bool,
        timestamps in prop::collection::vec(0i64..5000, 1..20),
        kept in prop::collection::vec(any::<bool>(), 20),
        horizon in prop::option::of(0i64..i64::MAX),
    ) {
        let batch = batch(Codec::from_id(codec).unwrap(), append_time, &timestamps);
        let records = batch.records(&Limits::default()).unwrap();
        let all: Vec<_> = records.iter().map(Result::unwrap).collect();
        let kept: Vec<_> = all.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(one, _)| *one).collect();
        let rewritten = Batch::parse(&Bytes::from(with_records(batch.header(), &kept, horizon).unwrap())).unwrap();
        rewritten.verify().unwrap();
        let again = rewritten.records(&Limits::default()).unwrap();
        let again: Vec<_> = again.iter().map(|record| told(&record.unwrap())).collect();
        prop_assert_eq!(again, kept.iter().map(told).collect::<Vec<_>>());
        let (old, new) = (batch.header(), rewritten.header());
        prop_assert_eq!((new.base_offset, new.last_offset()), (old.base_offset, old.last_offset()));
        prop_assert_eq!((new.producer_id, new.producer_epoch, new.last_sequence()), (42, 3, old.last_sequence()));
        prop_assert_eq!((new.is_transactional(), new.is_control()), (true, false));
        prop_assert_eq!((new.partition_leader_epoch, new.delete_horizon()), (7, horizon));
        prop_assert_eq!(new.timestamp_type(), old.timestamp_type());
        if append_time {
            prop_assert_eq!(new.max_timestamp, old.max_timestamp);
        }
    }
}

#[test]
fn an_empty_batch_says_who_produced_what_it_held() {
    let full = batch(Codec::Zstd, false, &[5, 6, 7]);
    let empty = Batch::parse(&without_records(full.header()).freeze()).unwrap();
    empty.verify().unwrap();
    assert_eq!(empty.records(&Limits::default()).unwrap().iter().count(), 0);
    let (old, new) = (full.header(), empty.header());
    assert_eq!((new.base_offset, new.last_offset(), new.last_sequence()), (1000, 1002, old.last_sequence()));
    assert_eq!((new.max_timestamp, new.base_timestamp, new.record_count), (7, -1, 0));
    assert!(new.is_transactional() && new.codec().unwrap() == Codec::None && new.delete_horizon().is_none());
}

#[test]
fn a_timestamp_that_cannot_be_counted_from_the_horizon_keeps_its_own_base() {
    let strange = batch(Codec::None, false, &[i64::MIN, i64::MIN + 1]);
    let records = strange.records(&Limits::default()).unwrap();
    let all: Vec<_> = records.iter().map(Result::unwrap).collect();
    let again = Batch::parse(&with_records(strange.header(), &all, Some(1000)).unwrap().freeze()).unwrap();
    assert_eq!(again.header().delete_horizon(), None);
    let again = again.records(&Limits::default()).unwrap();
    assert!(again.iter().map(|record| told(&record.unwrap())).eq(all.iter().map(told)));
}
