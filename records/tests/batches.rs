//! Batches: round trips, damage, bombs, and the rules of produce.

use bytes::{Bytes, BytesMut};
use ottla_records::{
    Batch, BatchBuilder, BatchError, Batches, Codec, ControlRecord, ControlType, Levels, Limits, NewRecord,
    TimestampType, end_txn_marker,
    validate::{InvalidRecords, ProduceRules, validate_for_append},
};
use proptest::prelude::*;

const CODECS: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

type Owned = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(Vec<u8>, Option<Vec<u8>>)>);

fn build(codec: Codec, records: &[Owned]) -> BytesMut {
    let mut builder = BatchBuilder::new().codec(codec, Levels::default()).producer(7, 0, 3).base_offset(40);
    for (timestamp, key, value, headers) in records {
        let headers: Vec<_> = headers.iter().map(|(k, v)| (k.as_slice(), v.as_deref())).collect();
        builder.push(&NewRecord {
            timestamp: *timestamp,
            key: key.as_deref(),
            value: value.as_deref(),
            headers: &headers,
        });
    }
    builder.finish()
}

fn rules() -> ProduceRules {
    ProduceRules {
        max_message_bytes: 1 << 20,
        timestamp_type: TimestampType::CreateTime,
        timestamp_before_max_ms: i64::MAX,
        timestamp_after_max_ms: 3_600_000,
        compacted: false,
        check_compressed: false,
        codec: None,
        levels: Levels::default(),
        limits: Limits::default(),
        version: 9,
        now_ms: 1_000_000,
    }
}

fn record(timestamp: i64, key: Option<&str>, value: &str) -> Owned {
    let bytes = |text: &str| text.as_bytes().to_vec();
    (timestamp, key.map(bytes), Some(bytes(value)), vec![(bytes("h"), None), (bytes("h"), Some(bytes("2")))])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_built_is_read_back(
        codec in 0usize..5,
        records in proptest::collection::vec(
            (0i64..1 << 40, proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
             proptest::option::of(proptest::collection::vec(any::<u8>(), 0..2000)),
             proptest::collection::vec(
                (proptest::collection::vec(any::<u8>(), 0..4), proptest::option::of(proptest::collection::vec(any::<u8>(), 0..4))), 0..4)),
            1..20),
    ) {
        let bytes = build(CODECS[codec], &records).freeze();
        let batch = Batch::parse(&bytes).unwrap();
        batch.verify().unwrap();
        let read = batch.records(&Limits::default()).unwrap();
        let read: Vec<Owned> = read.iter().map(|r| {
            let r = r.unwrap();
            let headers = r.headers().map(|(k, v)| (k.to_vec(), v.map(<[u8]>::to_vec))).collect();
            (r.timestamp, r.key.map(<[u8]>::to_vec), r.value.map(<[u8]>::to_vec), headers)
        }).collect();
        prop_assert_eq!(read, records);
    }

    #[test]
    fn damage_never_panics_and_never_passes(codec in 0usize..5, at in 0usize..400, bit in 0u8..8) {
        let mut bytes = build(CODECS[codec], &[record(1, Some("k"), &"v".repeat(300)), record(2, None, "w")]);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let bytes = bytes.freeze();
        // Base offset and leader epoch stand outside the checksum, the length decides what is checked.
        let accepted = validate_for_append(&bytes, &rules()).is_ok();
        prop_assert!(!accepted || at < 8 || (12..16).contains(&at), "byte {at} changed and nobody noticed");
        for batch in Batches::new(bytes).flatten() {
            let _ = batch.records(&Limits::default()).map(|records| records.iter().count());
        }
    }

    #[test]
    fn arbitrary_payloads_never_panic(codec in 0usize..5, payload in proptest::collection::vec(any::<u8>(), 0..300)) {
        let limits = Limits { max_bytes: 1 << 20, max_ratio: 1000 };
        if let Ok(out) = ottla_records::decompress(CODECS[codec], &Bytes::from(payload), &limits) {
            prop_assert!(out.len() <= 1 << 20);
        }
    }
}

#[test]
fn bombs_stop_at_the_limit() {
    let limits = Limits { max_bytes: 1 << 20, max_ratio: 256 };
    for codec in &CODECS[1..] {
        let bomb = ottla_records::compress(*codec, &vec![0; 64 << 20], Levels::default()).freeze();
        assert!(ottla_records::decompress(*codec, &bomb, &limits).is_err(), "{codec:?}");
    }
}

#[test]
fn sequences_wrap_after_the_largest() {
    let mut bytes = build(Codec::None, &[record(1, None, "a"), record(1, None, "b"), record(1, None, "c")]);
    bytes[53..57].copy_from_slice(&(i32::MAX - 1).to_be_bytes());
    let batch = Batch::parse(&bytes.freeze()).unwrap();
    assert_eq!(batch.header().last_sequence(), 0);
    assert_eq!(batch.header().last_offset(), 42);
}

#[test]
fn end_of_transaction_markers_are_control_batches() {
    let bytes = end_txn_marker((9, 2), true, 5, 77).freeze();
    let batch = Batch::parse(&bytes).unwrap();
    assert!(batch.header().is_control() && batch.header().is_transactional());
    let records = ControlRecord::all(&batch).unwrap();
    assert_eq!(records[0].kind, ControlType::Commit);
    assert_eq!(&records[0].value[..], [0, 0, 0, 0, 0, 5]);
}

/// A batch as a producer sends it: from offset 0.
fn sent(codec: Codec, records: &[Owned]) -> BytesMut {
    let mut bytes = build(codec, records);
    bytes[..8].fill(0);
    bytes
}

#[test]
fn produce_rules_refuse_what_kafka_refuses() {
    let good = sent(Codec::Lz4, &[record(999_000, Some("k"), "v"), record(999_001, None, "w")]).freeze();
    assert!(validate_for_append(&good, &rules()).is_ok());
    let two = [&good[..], &good[..]].concat().into();
    assert!(matches!(validate_for_append(&two, &rules()), Err(InvalidRecords::NotOneBatch(_))));
    assert!(matches!(validate_for_append(&Bytes::new(), &rules()), Err(InvalidRecords::NotOneBatch(_))));
    let small = ProduceRules { max_message_bytes: 80, ..rules() };
    assert!(matches!(validate_for_append(&good, &small), Err(InvalidRecords::TooLarge { max: 80, .. })));
    let compacted = ProduceRules { compacted: true, ..rules() };
    match validate_for_append(&good, &compacted) {
        Err(InvalidRecords::InvalidEach(each)) => assert_eq!(each[0].index, 1),
        other => panic!("{other:?}"),
    }
    let late = sent(Codec::None, &[record(5_000_000, None, "v")]).freeze();
    assert!(matches!(validate_for_append(&late, &rules()), Err(InvalidRecords::InvalidTimestamp(_))));
    let zstd = sent(Codec::Zstd, &[record(1, None, "v")]).freeze();
    let old = ProduceRules { version: 6, ..rules() };
    assert_eq!(validate_for_append(&zstd, &old).unwrap_err(), InvalidRecords::UnsupportedCompression(6));
    let mut shifted = BytesMut::from(&good[..]);
    shifted[7] = 1;
    let shifted = validate_for_append(&shifted.freeze(), &rules());
    assert!(matches!(shifted, Err(InvalidRecords::InvalidRecord(_))), "offsets are the broker's to give");
    let marker = end_txn_marker((1, 0), true, 0, 1).freeze();
    assert!(matches!(validate_for_append(&marker, &rules()), Err(InvalidRecords::InvalidRecord(_))));
    let mut corrupt = BytesMut::from(&good[..]);
    corrupt[70] ^= 1;
    let error = validate_for_append(&corrupt.freeze(), &rules()).unwrap_err();
    assert!(matches!(error, InvalidRecords::Corrupt(BatchError::CorruptCrc { .. })));
}

/// A compressed batch whose records make no sense, though its checksum and its frame do.
fn nonsense(codec: Codec) -> Bytes {
    let mut bytes = sent(codec, &[record(1, Some("k"), "v")]);
    bytes.truncate(61);
    bytes.extend_from_slice(&ottla_records::compress(codec, &[7; 100], Levels::default()));
    let length = (bytes.len() - 12) as u32;
    bytes[8..12].copy_from_slice(&length.to_be_bytes());
    let crc = ottla_records::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes.freeze()
}

#[test]
fn compressed_records_are_looked_at_where_somebody_wants_them() {
    for codec in &CODECS[1..] {
        let bytes = nonsense(*codec);
        let append = validate_for_append(&bytes, &rules()).unwrap();
        assert_eq!(append.payload, bytes.slice(61..), "{codec:?}: believed, and stored as it came");
        let other = if *codec == Codec::Gzip { Codec::Zstd } else { Codec::Gzip };
        for closer in [
            ProduceRules { check_compressed: true, ..rules() },
            ProduceRules { compacted: true, ..rules() },
            ProduceRules { codec: Some(other), ..rules() },
            ProduceRules { timestamp_before_max_ms: 10, ..rules() },
            ProduceRules { limits: Limits { max_bytes: 50, ..Limits::default() }, ..rules() },
        ] {
            let looked = validate_for_append(&bytes, &closer);
            assert!(
                matches!(looked, Err(InvalidRecords::InvalidRecord(_))),
                "{codec:?} {closer:?}: {looked:?}"
            );
        }
    }
}

#[test]
fn append_time_and_recompression_leave_a_sound_batch() {
    let source = sent(Codec::Gzip, &[record(1, Some("k"), "v"), record(2, None, "w")]).freeze();
    let wanted =
        ProduceRules { timestamp_type: TimestampType::LogAppendTime, codec: Some(Codec::Zstd), ..rules() };
    let append = validate_for_append(&source, &wanted).unwrap();
    let mut bytes = BytesMut::zeroed(61);
    append.header.write(&mut bytes);
    bytes.extend_from_slice(&append.payload);
    let batch = Batch::parse(&bytes.freeze()).unwrap();
    batch.verify().unwrap();
    assert_eq!(batch.header().codec().unwrap(), Codec::Zstd);
    let records = batch.records(&Limits::default()).unwrap();
    let times: Vec<i64> = records.iter().map(|r| r.unwrap().timestamp).collect();
    assert_eq!(times, [1_000_000; 2]);
}

#[test]
fn lz4_blocks_that_depend_on_one_another_are_refused() {
    use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
    for (mode, taken) in [(BlockMode::Independent, true), (BlockMode::Linked, false)] {
        let mut encoder = FrameEncoder::with_frame_info(FrameInfo::new().block_mode(mode), Vec::new());
        std::io::Write::write_all(&mut encoder, &[7; 1000]).unwrap();
        let frame = Bytes::from(encoder.finish().unwrap());
        assert_eq!(ottla_records::decompress(Codec::Lz4, &frame, &Limits::default()).is_ok(), taken);
    }
}
