//! Requests, responses, records, headers.

use bytes::Bytes;
use ottla_coordinator::group::{Record, subscribed_topics};
use ottla_wire::{
    ApiKey, MetadataRecord, Reader, RequestHeader, ResponseHeader, Writer,
    catalog::{self, MessageType, Role},
    request_header_version,
};
use ottla_wire_tests::{Rng, Schema, Tame, encode, generate};

use crate::{Allowance, Target};

/// First byte: which API; second: the version; then the body.
pub(super) const REQUESTS: Target = Target {
    name: "requests",
    allowance: Allowance::NETWORK,
    run: |input| message(input, |role| matches!(role, Role::Request(_))),
    seed: |rng| sound(rng, |role| matches!(role, Role::Request(_))),
};

pub(super) const RESPONSES: Target = Target {
    name: "responses",
    run: |input| message(input, |role| matches!(role, Role::Response(_))),
    seed: |rng| sound(rng, |role| matches!(role, Role::Response(_))),
    ..REQUESTS
};

/// Records of all internal topics, control records, files of messages, the consumer protocol.
pub(super) const LOG_RECORDS: Target = Target {
    name: "log-records",
    run: |input| message(input, |role| role == Role::Data),
    seed: |rng| sound(rng, |role| role == Role::Data),
    ..REQUESTS
};

/// Request headers, and response headers of both versions.
pub(super) const HEADERS: Target = Target {
    name: "headers",
    run: |input| {
        let bytes = Bytes::copy_from_slice(input);
        if let Ok(header) = RequestHeader::decode(&mut Reader::new(bytes.clone()))
            && let Some(key) = ApiKey::from_code(header.api_key)
        {
            let mut writer = Writer::new();
            let written = header.encode(&mut writer, request_header_version(key, header.api_version));
            written.expect("what was read can be written");
        }
        for version in [0, 1] {
            let _ = ResponseHeader::decode(&mut Reader::new(bytes.clone()), version);
        }
    },
    seed: |rng| {
        let key = *rng.pick(ApiKey::ALL);
        let api_version = rng.below(20) as i16;
        let client_id = (!rng.one_in(4)).then(|| "client".into());
        let header = RequestHeader { api_key: key.code(), api_version, correlation_id: 7, client_id };
        let mut writer = Writer::new();
        header.encode(&mut writer, 1).expect("a short name");
        let mut bytes = writer.into_bytes().to_vec();
        // Tagged fields nobody knows, in ascending order.
        let count = rng.below(120) as u8;
        bytes.push(count);
        (0..count).for_each(|tag| bytes.extend([tag, 0]));
        bytes
    },
    ..REQUESTS
};

/// A record of `__cluster_metadata`, with its frame.
pub(super) const METADATA_RECORD: Target = Target {
    name: "metadata-record",
    run: |input| {
        if let Ok(record) = MetadataRecord::decode(Bytes::copy_from_slice(input)) {
            let latest = record.versions().max;
            let _ = record.encode(latest);
        }
    },
    seed: metadata_record,
    ..REQUESTS
};

/// A record of `__consumer_offsets`: two bytes say where the key ends. The record keeps copies of its own.
pub(super) const GROUP_RECORD: Target = Target {
    name: "group-record",
    allowance: Allowance { per_byte: 20, free: 64 << 10 },
    run: |input| {
        let Some((length, rest)) = input.split_first_chunk::<2>() else { return };
        let (key, value) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
        let (key, value) = (Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
        if let Ok(record) = Record::decode(&key, Some(&value), Some(7)) {
            record.encode().expect("what was read can be written");
        }
        let _ = Record::decode(&key, None, None);
    },
    seed: |rng| {
        let (key_type, names) = *rng.pick(&[
            (0_i16, ["OffsetCommitKey", "OffsetCommitValue"]),
            (1, ["OffsetCommitKey", "OffsetCommitValue"]),
            (2, ["GroupMetadataKey", "GroupMetadataValue"]),
        ]);
        let [key, value] = names.map(named);
        let version =
            value.versions.min + rng.below((value.versions.max - value.versions.min + 1) as usize) as i16;
        let key = [&key_type.to_be_bytes()[..], &bytes_of(key, key.versions.max, rng)].concat();
        let value = [&version.to_be_bytes()[..], &bytes_of(value, version, rng)].concat();
        [&(key.len() as u16).to_be_bytes()[..], &key, &value].concat()
    },
};

/// What a classic consumer says about its topics.
pub(super) const SUBSCRIPTION: Target = Target {
    name: "subscription",
    run: |input| {
        if let Some(topics) = subscribed_topics(input) {
            assert!(topics.len() <= input.len());
        }
    },
    seed: |rng| {
        let message = named("ConsumerProtocolSubscription");
        let version = rng.below(4) as i16;
        [&version.to_be_bytes()[..], &bytes_of(message, version, rng)].concat()
    },
    ..REQUESTS
};

fn of(role: fn(Role) -> bool) -> Vec<&'static MessageType> {
    catalog::all().iter().filter(|message| role(message.role)).collect()
}

fn named(name: &str) -> &'static MessageType {
    catalog::all().iter().find(|message| message.name == name).expect("the catalogue is complete")
}

fn bytes_of(message: &MessageType, version: i16, rng: &mut Rng) -> Vec<u8> {
    let schema = Schema::derived(message);
    let value = generate(&schema, version, rng, Tame::No);
    encode(&schema, &value, version)
}

fn sound(rng: &mut Rng, role: fn(Role) -> bool) -> Vec<u8> {
    let all = of(role);
    let at = rng.below(all.len());
    let message = all[at];
    let version = rng.below(message.versions.max as usize + 1) as i16;
    let mut input = vec![at as u8, version as u8];
    if message.versions.contains(version) {
        input.extend(bytes_of(message, version, rng));
    }
    input
}

/// What can be decoded can be encoded, and that is the end of it: once more gives the same bytes.
fn message(input: &[u8], role: fn(Role) -> bool) {
    let [at, version, body @ ..] = input else { return };
    let known = catalog::all().iter().filter(|message| role(message.role));
    let Some(message) = known.clone().nth(usize::from(*at) % known.count()) else { return };
    let version = i16::from(*version);
    let Ok(decoded) = message.decode(Bytes::copy_from_slice(body), version) else { return };
    let encoded = decoded.to_bytes(version).expect("what was decoded can be encoded");
    drop(decoded);
    let again = message.decode(encoded.clone(), version).expect("what was encoded can be decoded");
    assert_eq!(again.to_bytes(version).expect("as a moment ago"), encoded, "{} v{version}", message.name);
}

pub(super) fn metadata_record(rng: &mut Rng) -> Vec<u8> {
    loop {
        let code = rng.below(29) as u8;
        let frame = |version: i16| vec![1, code, version as u8];
        let Err(error) = MetadataRecord::decode(Bytes::from(frame(100))) else { continue };
        let text = error.to_string();
        let name = text.split(' ').next().unwrap_or_default();
        let Some(message) = catalog::all().iter().find(|message| message.name == name) else { continue };
        let versions = message.versions;
        let version = versions.min + rng.below((versions.max - versions.min + 1) as usize) as i16;
        return [frame(version), bytes_of(message, version, rng)].concat();
    }
}
