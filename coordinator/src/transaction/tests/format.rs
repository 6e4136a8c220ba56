//! Bytes that Apache Kafka 4.3.1 writes (`TransactionLog.valueToBytes`), and ours.

use super::*;
use bytes::Bytes;

fn hex(text: &str) -> Bytes {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Bytes::from(text.as_bytes().chunks(2).map(byte).collect::<Vec<u8>>())
}

const KEY: &str = "000000027478";
const MS: i64 = 1_700_000_000_000;

/// Kafka's value, its version, and what it means.
fn samples() -> Vec<(&'static str, i16, Transaction)> {
    let empty = Transaction {
        producer: producer(1000, 0),
        previous_producer_id: 1000,
        next_producer_id: -1,
        timeout_ms: 60_000,
        state: State::Empty,
        partitions: Partitions::new(),
        start_ms: -1,
        updated_ms: MS,
        version: 0,
    };
    let idle = empty.clone();
    let ongoing = Transaction {
        state: State::Ongoing,
        partitions: partitions("t", &[1]),
        start_ms: MS + 1,
        updated_ms: MS + 2,
        version: 2,
        ..idle
    };
    let prepare = Transaction {
        producer: producer(1000, i16::MAX),
        next_producer_id: 2000,
        state: State::PrepareCommit,
        updated_ms: MS + 3,
        ..ongoing.clone()
    };
    let complete = Transaction {
        producer: producer(2000, 0),
        state: State::CompleteCommit,
        partitions: Partitions::new(),
        updated_ms: MS + 4,
        next_producer_id: -1,
        ..prepare
    };
    let old =
        Transaction { producer: producer(1000, 5), previous_producer_id: -1, version: 0, ..ongoing.clone() };
    vec![
        (
            "000100000000000003e800000000ea6000000000018bcfe56800ffffffffffffffff01000800000000000003e8",
            1,
            empty,
        ),
        (
            "000100000000000003e800000000ea60010202740200000001000000018bcfe568020000018bcfe5680102000800000000000003e8\
             02020002",
            1,
            ongoing,
        ),
        (
            "000100000000000003e87fff0000ea60020202740200000001000000018bcfe568030000018bcfe5680103000800000000000003e8\
             010800000000000007d002020002",
            1,
            prepare,
        ),
        (
            "000100000000000007d000000000ea6004010000018bcfe568040000018bcfe5680102000800000000000003e802020002",
            1,
            complete,
        ),
        (
            "000000000000000003e800050000ea60010000000100017400000001000000010000018bcfe568020000018bcfe56801",
            0,
            old,
        ),
    ]
}

#[test]
fn values_are_kafkas_byte_for_byte() {
    for (bytes, version, value) in samples() {
        let record = Record::Transaction { transactional_id: text("tx"), value: Some(value), version };
        let (key, value) = record.encode().unwrap().unwrap();
        assert_eq!((&key, value.as_ref()), (&hex(KEY), Some(&hex(bytes))), "{record:?}");
        assert_eq!(Record::decode(&key, value.as_ref()), Ok(record));
    }
}

#[test]
fn tombstones_and_unknown_records() {
    let gone = Record::Transaction { transactional_id: text("tx"), value: None, version: 1 };
    assert_eq!(gone.encode().unwrap(), Some((hex(KEY), None)));
    let read = Record::decode(&hex(KEY), None).unwrap();
    assert!(<Transactions as Replayable>::is_tombstone(&read), "{read:?}");
    let later_kind = hex("00010002747800");
    assert!(matches!(Record::decode(&later_kind, None), Ok(Record::Unknown { key_type: 1, .. })));
    let later_version = hex("0002000000");
    assert!(matches!(
        Record::decode(&hex(KEY), Some(&later_version)),
        Ok(Record::Unknown { key_type: 0, .. })
    ));
}

#[test]
fn hostile_bytes_are_errors() {
    for (bytes, ..) in samples() {
        let whole = hex(bytes);
        for length in 0..whole.len() {
            assert!(Record::decode(&hex(KEY), Some(&whole.slice(..length))).is_err(), "{length} of {bytes}");
        }
    }
    assert!(Record::decode(&hex("0000"), None).is_err());
    assert!(Record::decode(&hex("00"), None).is_err());
}
