//! I1, I3–I7, I16–I18, I29, I30, I31: frames that are none, headers that lie, bodies that cannot be.

use ottla_hostile::{Answered, Broker, MIB, Wire, framed, header};
use ottla_types::ErrorCode;
use ottla_wire::{
    ApiKey, Message, Reader, Request,
    messages::{
        api_versions_request::ApiVersionsRequest, api_versions_response::ApiVersionsResponse,
        fetch_request::FetchRequest, find_coordinator_request::FindCoordinatorRequest,
        join_group_request::JoinGroupRequest, list_offsets_request::ListOffsetsRequest,
        metadata_request::MetadataRequest, offset_commit_request::OffsetCommitRequest,
        produce_request::ProduceRequest,
    },
};

/// Above this a row costs more than its own frames.
const LITTLE: u64 = 16 * MIB;

#[test]
fn i01_sizes_outside_the_bounds_close_at_the_size_field() {
    let broker = Broker::start();
    for size in [0, -1, i32::MIN, i32::MAX, (100 << 20) + 1] {
        let mut wire = broker.connect();
        // Only the size: whoever waits for more than that would wait for ever.
        wire.send(&size.to_be_bytes());
        wire.expect_closed(&format!("a frame of {size} bytes"));
    }
    for size in 1..4_usize {
        let mut wire = broker.connect();
        wire.send(&framed(&vec![0; size]));
        wire.expect_closed(&format!("a frame of {size} bytes"));
    }
    for _ in 0..200 {
        broker.connect().send(&i32::MAX.to_be_bytes());
    }
    broker.probe().is_served();
    if broker.is_ottla() {
        let lines =
            broker.node().said().lines().filter(|line| line.contains("connection closed: a frame")).count();
        assert_eq!(lines, 1, "one line per address and minute");
    }
    broker.finish("i01", LITTLE);
}

#[test]
fn i03_i16_i17_i30_i31_apis_that_are_not_served_close() {
    let broker = Broker::start();
    let served = served(&mut broker.connect());
    // Of the brokers among themselves, of controllers, of nobody; and those that come with later issues.
    let inner = [4, 6, 7, 27, 52, 53, 54, 55, 56, 58, 59, 62, 63, 64, 67, 70, 82];
    let never = [-1, i16::MIN, 93, 1000, i16::MAX];
    for key in inner.into_iter().chain(never) {
        if served.iter().any(|(known, ..)| *known == key) {
            continue;
        }
        let mut wire = broker.connect();
        wire.send(&framed(&[header(key, 0), vec![0; 64]].concat()));
        wire.expect_closed(&format!("API {key}"));
    }
    for (key, lowest, highest) in &served {
        for version in [lowest - 1, highest + 1, i16::MAX, i16::MIN] {
            if *key == ApiKey::ApiVersions.code() {
                continue;
            }
            let mut wire = broker.connect();
            wire.send(&framed(&[header(*key, version), vec![0; 64]].concat()));
            wire.expect_closed(&format!("API {key} v{version}"));
        }
    }
    for version in [5, i16::MAX, -1] {
        let mut wire = broker.connect();
        // From version 3 on the header ends with tagged fields.
        let tags: &[u8] = if version >= 3 { &[0] } else { &[] };
        wire.send(&framed(&[&header(ApiKey::ApiVersions.code(), version), tags].concat()));
        let Answered::Frame(frame) = wire.receive() else { panic!("ApiVersions v{version} is answered") };
        let mut reader = Reader::new(frame.slice(4..));
        let answer = ApiVersionsResponse::decode(&mut reader, 0).expect("in the form of version 0");
        assert_eq!(answer.error_code, ErrorCode::UNSUPPORTED_VERSION);
    }
    broker.finish("i03", LITTLE);
}

fn served(wire: &mut Wire) -> Vec<(i16, i16, i16)> {
    let request =
        ApiVersionsRequest { client_software_name: "a".into(), client_software_version: "1".into() };
    let answer = wire.ask(3, &request);
    answer.api_keys.iter().map(|api| (api.api_key, api.min_version, api.max_version)).collect()
}

#[test]
fn i04_malformed_software_names_are_invalid_requests() {
    let broker = Broker::start();
    let long = "x".repeat(32_000);
    for (name, version) in [
        ("", "1"),
        ("a b", "1"),
        ("-a", "1"),
        ("a", ""),
        ("a/b", "1"),
        ("\0", "1"),
        ("a", &format!(" {long}")),
    ] {
        let request = ApiVersionsRequest {
            client_software_name: name.to_owned().into(),
            client_software_version: version.to_owned().into(),
        };
        let answer = broker.connect().ask(3, &request);
        assert_eq!(
            answer.error_code,
            ErrorCode::INVALID_REQUEST,
            "{name:?} {}",
            &version[..version.len().min(9)]
        );
    }
    broker.finish("i04", LITTLE);
}

#[test]
fn i05_headers_that_lie_close() {
    let broker = Broker::start();
    let head = |rest: &[u8]| [&[0, 18, 0, 3, 0, 0, 0, 1], rest].concat();
    let cases: [(&str, Vec<u8>); 9] = [
        ("cut after the key", vec![0, 18]),
        ("cut after the version", vec![0, 18, 0, 3, 0, 0]),
        ("no client id", head(&[])),
        ("a client id of -2", head(&[0xff, 0xfe])),
        ("a client id of 32767", head(&[0x7f, 0xff, b'a'])),
        ("2^32 - 1 tags", head(&[0, 1, b'c', 0xff, 0xff, 0xff, 0xff, 0x0f])),
        ("a count of six bytes", head(&[0, 1, b'c', 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])),
        ("a tag twice", head(&[0, 1, b'c', 2, 9, 0, 9, 0, 2, b'a', 2, b'1', 0])),
        ("a tag of 2^31 bytes", head(&[0, 1, b'c', 1, 9, 0xff, 0xff, 0xff, 0xff, 0x07])),
    ];
    for (what, frame) in cases {
        let mut wire = broker.connect();
        wire.send(&framed(&frame));
        match wire.receive() {
            Answered::Closed => {}
            // Kafka parses the header of ApiVersions leniently in places.
            Answered::Frame(_) => assert!(!broker.is_ottla(), "{what}: answered"),
        }
    }
    // Not text: Kafka goes on with another name than the client's, we close (see differences.md of tests/answers).
    let mut wire = broker.connect();
    wire.send(&framed(&[0, 18, 0, 0, 0, 0, 0, 1, 0, 2, 0xc3, 0x28]));
    wire.receive();
    broker.finish("i05", LITTLE);
}

/// Every place of a good request is overwritten with lengths that lie. What comes of it is of no interest, only that the
/// broker stays as it is.
#[test]
fn i06_no_length_anywhere_in_a_body_costs_memory() {
    let broker = Broker::start();
    mutilate(
        &broker,
        &[9, 13],
        &MetadataRequest { topics: Some(vec![Default::default()]), ..Default::default() },
    );
    mutilate(&broker, &[4, 11, 12], &FetchRequest { topics: vec![Default::default()], ..Default::default() });
    mutilate(
        &broker,
        &[1, 7, 10],
        &ListOffsetsRequest { topics: vec![Default::default()], ..Default::default() },
    );
    mutilate(
        &broker,
        &[3, 8, 12],
        &ProduceRequest { topic_data: vec![Default::default()], ..Default::default() },
    );
    mutilate(
        &broker,
        &[2, 9],
        &OffsetCommitRequest { topics: vec![Default::default()], ..Default::default() },
    );
    mutilate(
        &broker,
        &[0, 9],
        &JoinGroupRequest { protocols: vec![Default::default()], ..Default::default() },
    );
    mutilate(&broker, &[0, 4], &FindCoordinatorRequest::default());
    broker.finish("i06", LITTLE);
}

fn mutilate<R: Request>(broker: &Broker, versions: &[i16], request: &R) {
    const LIES: [&[u8]; 6] = [
        &[0x7f, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0xfe],
        &[0x7f, 0xff],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        &[0],
    ];
    for version in versions {
        let flexible = R::is_flexible(*version);
        let mut good = header(R::KEY.code(), *version);
        good.extend(flexible.then_some(0));
        let start = good.len();
        // A version that has no place for a default is not what this is about.
        let Ok(body) = request.to_bytes(*version) else { continue };
        good.extend(&body[..]);
        for at in start..good.len() {
            let mut wire = broker.connect();
            for lie in LIES {
                let mut frame = good.clone();
                let end = (at + lie.len()).min(frame.len());
                frame[at..end].copy_from_slice(&lie[..end - at]);
                if !wire.send(&framed(&frame)) {
                    wire = broker.connect();
                }
            }
        }
    }
}

#[test]
fn i07_bytes_behind_the_last_field_are_left_alone() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    let frame = [header(12, 0), vec![0, 1, b'g', 0, 0, 0, 1, 0, 1, b'm'], vec![9; 1000]].concat();
    for _ in 0..3 {
        wire.send(&framed(&frame));
        assert!(
            matches!(wire.receive(), Answered::Frame(_)),
            "as Kafka does: librdkafka sends such requests"
        );
    }
    broker.finish("i07", LITTLE);
}

#[test]
fn i18_another_protocol_on_the_port_is_closed() {
    let broker = Broker::start();
    let hello = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
    for bytes in [&hello[..], b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"SSH-2.0-x\r\n", &[0xff; 64]] {
        let mut wire = broker.connect();
        wire.send(bytes);
        wire.expect_closed("not Kafka's protocol");
    }
    broker.finish("i18", LITTLE);
}

/// CVE-2026-111115.
#[test]
fn i29_b79_unknown_tags_are_skipped_without_memory() {
    let broker = Broker::start();
    let tags = 1_000_000_u32;
    let mut section = varint(tags);
    for tag in 0..tags {
        section.extend(varint(tag + 10));
        section.push(0);
    }
    let size = section.len() as u64;
    let software = [2, b'a', 2, b'1'];
    let began = ottla_hostile::cpu_seconds(broker.node().pid());
    for _ in 0..5 {
        let mut in_header = broker.connect();
        in_header.send(&framed(&[&header(18, 3)[..], &section, &software, &[0]].concat()));
        assert!(matches!(in_header.receive(), Answered::Frame(_)), "tags in the header are skipped");
        let mut in_body = broker.connect();
        in_body.send(&framed(&[&header(18, 3)[..], &[0], &software, &section].concat()));
        assert!(matches!(in_body.receive(), Answered::Frame(_)), "tags in the body are skipped");
        // The same tag over and over, two bytes each.
        let mut same = broker.connect();
        same.send(&framed(&[&header(18, 3)[..], &varint(tags), &[9, 0].repeat(tags as usize)].concat()));
        if broker.is_ottla() {
            same.expect_closed("tags that do not ascend");
        }
    }
    let spent = ottla_hostile::cpu_seconds(broker.node().pid()) - began;
    ottla_hostile::figure("i29.cpu_per_mib", spent * 1000.0 / (10.0 * size as f64 / MIB as f64), "ms");
    broker.finish("i29", LITTLE + 4 * size);
}

fn varint(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
