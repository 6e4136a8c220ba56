//! Bugs other decoders had, by their rows in the list of bugs to avoid: each as the input that showed it.

use bytes::Bytes;
use ottla_fuzz::{check, peak_of, targets};
use ottla_records::{BatchBuilder, Codec, CodecError, Levels, Limits, NewRecord, compress, decompress};
use ottla_wire::{
    ApiKey, DecodeError, Reader, RequestHeader,
    catalog::{self, MessageType, Role},
    decode_body,
    messages::{fetch_snapshot_request::FetchSnapshotRequest, metadata_request::MetadataRequest},
};
use ottla_wire_tests::{Rng, Schema, Tame, encode, generate};

const SMALL: usize = 64 << 10;

fn decodes(message: &MessageType, version: i16, body: &[u8]) -> bool {
    let bytes = Bytes::copy_from_slice(body);
    let (decoded, peak) = peak_of(|| message.decode(bytes, version).is_ok());
    let allowed = 8 * body.len() + SMALL;
    assert!(peak <= allowed, "{} v{version}: {peak} bytes for {} of input", message.name, body.len());
    decoded
}

#[test]
fn row_62_giant_counts_cost_nothing() {
    // Made another implementation ask for 154 GB and 3.9 GB.
    for (version, body) in [(4, &[0x7f, 0xff, 0xff, 0xff][..]), (0, &[0x03, 0x3c, 0x0c, 0x00, 0xb6])] {
        let (result, peak) =
            peak_of(|| decode_body::<MetadataRequest>(Bytes::copy_from_slice(body), version));
        assert!(matches!(result, Err(DecodeError::UnexpectedEnd { .. })), "{result:?}");
        assert!(peak < SMALL, "{peak}");
    }
    for message in catalog::all() {
        for version in message.versions.min..=message.versions.max {
            for giant in [&[0x7f, 0xff, 0xff, 0xff][..], &[0x80, 0, 0, 0], &[0xff, 0xff, 0xff, 0xff, 0x0f]] {
                decodes(message, version, &giant.repeat(20));
            }
        }
    }
}

#[test]
fn row_63_what_decompresses_to_too_much_stops_at_the_limit() {
    let bomb = vec![0; 32 << 20];
    let limits = Limits { max_bytes: 1 << 20, max_ratio: usize::MAX };
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let packed = compress(codec, &bomb, Levels::default()).freeze();
        let (result, peak) = peak_of(|| decompress(codec, &packed, &limits));
        assert!(matches!(result, Err(CodecError::TooLarge(..))), "{codec:?}: {result:?}");
        assert!(peak < 4 << 20, "{codec:?} took {peak} bytes for a limit of one MiB");
        let narrow = Limits { max_bytes: usize::MAX, max_ratio: 2 };
        assert!(decompress(codec, &packed, &narrow).is_err(), "{codec:?}: the ratio bounds too");
    }
}

#[test]
fn row_63_a_length_in_a_header_is_not_believed() {
    let four_gigabytes = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
    let xerial = [b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\0\0\0\x06".as_slice(), &four_gigabytes].concat();
    // A frame of zstd that announces a window of two gigabytes.
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
    for (codec, lie) in [(Codec::Snappy, &four_gigabytes[..]), (Codec::Snappy, &xerial), (Codec::Zstd, &zstd)]
    {
        let lie = Bytes::copy_from_slice(lie);
        let (result, peak) = peak_of(|| decompress(codec, &lie, &Limits::default()));
        assert!(result.is_err(), "{codec:?}");
        assert!(peak < SMALL, "{codec:?} took {peak} bytes");
    }
}

#[test]
fn row_64_varints_that_do_not_end_are_refused() {
    let body = |count: &[u8]| Bytes::from([count, &[0; 40]].concat());
    for endless in [&[0xff_u8; 12][..], &[0x80; 12], &[0xff, 0xff, 0xff, 0xff, 0x10]] {
        let result = decode_body::<MetadataRequest>(body(endless), 9);
        assert_eq!(result, Err(DecodeError::VarintTooLong(5)));
    }
}

#[test]
fn row_64_a_record_count_that_is_not_that_of_the_records_is_refused() {
    let mut builder = BatchBuilder::new();
    (0..3).for_each(|_| builder.push(&NewRecord { value: Some(b"v"), ..NewRecord::default() }));
    let batch = builder.finish();
    for count in [-1, 0, 2, 4, i32::MAX] {
        let mut lie = batch.to_vec();
        lie[57..61].copy_from_slice(&count.to_be_bytes());
        let batch = ottla_records::Batch::parse(&lie.into()).unwrap();
        let records = batch.records(&Limits::default()).unwrap();
        let read: Vec<_> = records.iter().collect();
        assert!(read.len() < 5, "count {count}");
        assert!(count < 0 || read.last().is_some_and(Result::is_err), "count {count}: {read:?}");
    }
}

#[test]
fn row_79_tagged_fields_nobody_knows_cost_nothing() {
    let header = [&[0, 18, 0, 3, 0, 0, 0, 1, 0xff, 0xff][..]].concat();
    for tags in [100_u32, 30_000] {
        let mut frame = header.clone();
        frame.extend(unsigned_varint(tags));
        for tag in 0..tags {
            frame.extend(unsigned_varint(tag));
            frame.push(0);
        }
        let bytes = Bytes::from(frame);
        let (header, peak) = peak_of(|| RequestHeader::decode(&mut Reader::new(bytes)));
        assert_eq!(header.map(|header| header.api_key), Ok(ApiKey::ApiVersions.code()));
        assert!(peak < 1000, "{peak} bytes for {tags} tags");
    }
    let lie = [header.as_slice(), &[0xff, 0xff, 0xff, 0xff, 0x0f], &[0; 100]].concat();
    assert!(RequestHeader::decode(&mut Reader::new(lie.into())).is_err(), "more tags than bytes");
    let twice = [header.as_slice(), &[2, 5, 0, 5, 0]].concat();
    assert_eq!(RequestHeader::decode(&mut Reader::new(twice.into())), Err(DecodeError::TagOrder(5)));
}

#[test]
fn row_80_small_elements_that_are_large_in_memory_are_bounded() {
    // Empty names: one byte each, thirty-two in memory.
    let mut names = unsigned_varint(60_001);
    names.resize(60_003, 1);
    names.extend([0; 12]);
    assert!(!decodes(named("DescribeGroupsRequest"), 5, &names));
    let mut dense = 0;
    for message in catalog::all().iter().filter(|message| message.role != Role::Data) {
        let schema = Schema::derived(message);
        let version = message.versions.max;
        let sound = encode(&schema, &generate(&schema, version, &mut Rng::new(1), Tame::No), version);
        for at in 0..sound.len().min(24) {
            for fill in [0, 1, 2] {
                let mut body = sound[..at].to_vec();
                body.extend(unsigned_varint(20_001));
                body.resize(body.len() + 20_000 * (1 + fill), 1);
                dense += usize::from(!decodes(message, version, &body));
            }
        }
    }
    assert!(dense > 5_000, "{dense} inputs only");
    let requests = targets::named("requests").expect("a target");
    check(requests, &[&[3, 12][..], &[1; 60_000]].concat()).unwrap();
}

#[test]
fn row_83_empty_arrays_are_values_like_any_other() {
    let empty = FetchSnapshotRequest::default();
    let bytes = ottla_wire::Message::to_bytes(&empty, 1).unwrap();
    assert_eq!(decode_body::<FetchSnapshotRequest>(bytes, 1), Ok(empty));
}

fn named(name: &str) -> &'static MessageType {
    catalog::all().iter().find(|message| message.name == name).expect("a message of this name")
}

fn unsigned_varint(mut value: u32) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}
