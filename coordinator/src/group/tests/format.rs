//! Bytes that Apache Kafka 4.3.1 wrote, and ours.

use super::*;

fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Bytes::from(digits.chunks(2).map(byte).collect::<Vec<u8>>())
}

const MEMBER: &str = "raw-2fee8f51-52be-4ec1-b5f4-a99d98e0c1a6";

/// Kafka's key and value, and what they mean.
#[allow(clippy::too_many_lines, reason = "a table")]
fn samples() -> Vec<(&'static str, &'static str, Record)> {
    let empty = PersistedGroup {
        protocol_type: Str::new(),
        generation: 0,
        protocol: None,
        leader: None,
        state_timestamp: 0x01a2_0d6f_79d0,
        members: Vec::new(),
    };
    let left = PersistedGroup {
        protocol_type: text("consumer"),
        generation: 2,
        state_timestamp: 0x01a2_0d6f_79ed,
        ..empty.clone()
    };
    let member = PersistedMember {
        member_id: text(MEMBER),
        instance_id: None,
        client_id: text("raw"),
        client_host: text("/127.0.0.1"),
        rebalance_timeout_ms: 20_000,
        session_timeout_ms: 10_000,
        subscription: hex("0001 00000001 0001 74 ffffffff 00000000"),
        assignment: Bytes::from("abc"),
    };
    let stable = PersistedGroup {
        protocol_type: text("consumer"),
        generation: 3,
        protocol: Some(text("range")),
        leader: Some(text(MEMBER)),
        state_timestamp: 0x01a2_0d6f_bbdb,
        members: vec![member],
    };
    let commit = StoredOffset {
        offset: 5,
        leader_epoch: 0,
        metadata: text("md"),
        commit_timestamp: 0x01a2_0d6f_bbde,
        expire_timestamp: -1,
        topic_id: Uuid::from_u128(0x96ce_dcd1_eb93_4095_92a0_279a_8b41_c319),
    };
    let expiring = StoredOffset {
        leader_epoch: -1,
        commit_timestamp: 0x01a2_0d6f_79e7,
        expire_timestamp: 0x01a2_0d71_0087,
        topic_id: Uuid::ZERO,
        ..commit.clone()
    };
    let group = |value| Record::Group { group_id: text("g"), value: Some(value) };
    let offset = |group_id: &str, value| Record::Offset {
        key: OffsetKey { group_id: text(group_id), topic: text("t"), partition: 0 },
        value: Some(value),
        producer_id: None,
    };
    vec![
        ("0002 0001 67", "0003 0000 00000000 ffff ffff 000001a20d6f79d0 00000000", group(empty)),
        ("0002 0001 67", "0003 0008 636f6e73756d6572 00000002 ffff ffff 000001a20d6f79ed 00000000", group(left)),
        (
            "0002 0001 67",
            "0003 0008 636f6e73756d6572 00000003 0005 72616e6765 0028 7261772d32666565386635312d353262652d346563312d623566342d613939643938653063316136
             000001a20d6fbbdb 00000001 0028 7261772d32666565386635312d353262652d346563312d623566342d613939643938653063316136 ffff 0003 726177
             000a 2f3132372e302e302e31 00004e20 00002710 00000011 0001000000010001 74ffffffff00000000 00000003 616263",
            group(stable),
        ),
        (
            "0001 0001 67 0001 74 00000000",
            "0004 0000000000000005 00000000 03 6d64 000001a20d6fbbde 01 00 10 96cedcd1eb93409592a0279a8b41c319",
            offset("g", commit),
        ),
        (
            "0001 0002 6732 0001 74 00000000",
            "0001 0000000000000005 0002 6d64 000001a20d6f79e7 000001a20d710087",
            offset("g2", expiring),
        ),
    ]
}

#[test]
fn records_are_kafkas_byte_for_byte() {
    for (key, value, record) in samples() {
        let (key, value) = (hex(key), hex(value));
        assert_eq!(Record::decode(&key, Some(&value), None), Ok(record.clone()));
        assert_eq!(record.encode().unwrap(), Some((key, Some(value))));
    }
}

#[test]
fn tombstones_have_no_value() {
    for (key, _, record) in samples() {
        let tombstone = match record {
            Record::Group { group_id, .. } => Record::Group { group_id, value: None },
            Record::Offset { key, .. } => Record::Offset { key, value: None, producer_id: None },
            other => other,
        };
        assert_eq!(Record::decode(&hex(key), None, None), Ok(tombstone.clone()));
        assert_eq!(tombstone.encode().unwrap(), Some((hex(key), None)));
    }
}

#[test]
fn old_and_foreign_records_are_read() {
    let key = hex("0000 0001 67 0001 74 00000000");
    let old =
        Record::decode(&key, Some(&hex("0000 0000000000000007 0001 6d 0000000000000063")), None).unwrap();
    assert!(
        matches!(&old, Record::Offset { value: Some(stored), .. } if stored.offset == 7 && stored.commit_timestamp == 99 && stored.leader_epoch == -1)
    );
    let mut groups = Groups::default();
    // A streams group's record; groups of versions to come.
    for (key, value) in
        [("0011 0001 67", "0000 00000001"), ("0002 0001 67", "7fff 00"), ("0003 0001 67", "7fff 00")]
    {
        let record = Record::decode(&hex(key), Some(&hex(value)), None).unwrap();
        assert!(matches!(record, Record::Unknown { .. }));
        assert_eq!(record.encode().unwrap(), None);
        groups.replay(&record);
    }
    assert_eq!((groups.durable().unknown_records(), groups.group_count()), (3, 0));
}

#[test]
fn damaged_records_are_errors() {
    for (key, value) in [
        ("", ""),
        ("00", ""),
        ("0001 7fff", "0004"),
        ("0002 0001 67", "00"),
        ("0002 0001 67", "0003 0008 63"),
    ] {
        assert!(Record::decode(&hex(key), Some(&hex(value)), None).is_err(), "{key} {value}");
    }
}
