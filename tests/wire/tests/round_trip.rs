//! Every message at every version, there and back: values made from the schema, bytes written by an encoder that is not
//! the derive's.

use bytes::Bytes;
use ottla_wire::{
    ApiKey, Reader, RequestHeader, ResponseHeader, Writer, catalog, request_header_version,
    response_header_version,
};
use ottla_wire_tests::{Rng, Schema, Tame, encode, generate, official};

/// Per message and version.
const VALUES: u64 = 60;

#[test]
fn what_is_decoded_is_encoded_to_the_same_bytes_and_back_to_the_same_value() {
    let mut cases = 0;
    for message in catalog::all() {
        let schema = Schema::derived(message);
        for version in message.versions.min..=message.versions.max {
            for seed in 0..VALUES {
                let what = format!("{} v{version} seed {seed}", message.name);
                let value = generate(&schema, version, &mut Rng::new(seed), Tame::No);
                let bytes = Bytes::from(encode(&schema, &value, version));
                let decoded =
                    message.decode(bytes.clone(), version).unwrap_or_else(|e| panic!("{what}: {e}"));
                let encoded = decoded.to_bytes(version).unwrap_or_else(|e| panic!("{what}: {e}"));
                assert_eq!(encoded, bytes, "{what}: {decoded:?}");
                let again = message.decode(encoded, version).expect("the same bytes");
                assert!(again.equals(&*decoded), "{what}: {again:?} is not {decoded:?}");
                cases += 1;
            }
        }
    }
    assert!(cases > 40_000, "{cases} cases only");
}

#[test]
fn bytes_that_end_early_or_go_on_are_refused() {
    for message in catalog::all() {
        let schema = Schema::derived(message);
        for version in message.versions.min..=message.versions.max {
            let value = generate(&schema, version, &mut Rng::new(3), Tame::No);
            let bytes = encode(&schema, &value, version);
            let long = [bytes.as_slice(), &[0]].concat();
            assert!(
                message.decode(long.into(), version).is_err(),
                "{} v{version}: one byte more",
                message.name
            );
            for end in 0..bytes.len().min(300) {
                let cut = Bytes::copy_from_slice(&bytes[..end]);
                assert!(message.decode(cut, version).is_err(), "{} v{version}: cut at {end}", message.name);
            }
        }
        for version in [message.versions.min - 1, message.versions.max + 1] {
            assert!(
                message.decode(Bytes::new(), version).is_err(),
                "{} has a version {version}",
                message.name
            );
        }
    }
}

#[test]
fn headers_are_those_of_the_official_schemas() {
    let Some(schemas) = official::schemas() else { return };
    let named = |name: &str| schemas.iter().find(|schema| schema.root.name == name).expect(name);
    for key in ApiKey::ALL {
        for version in key.versions().min..=key.versions().max {
            for seed in 0..20 {
                let mut rng = Rng::new(seed);
                let (request, response) = (named("RequestHeader"), named("ResponseHeader"));
                let at = request_header_version(*key, version);
                let value = generate(request, at, &mut rng, Tame::No);
                let mut bytes = encode_header(request, &value, at);
                bytes[..2].copy_from_slice(&key.code().to_be_bytes());
                bytes[2..4].copy_from_slice(&version.to_be_bytes());
                let mut reader = Reader::new(bytes.clone().into());
                let header = RequestHeader::decode(&mut reader).unwrap();
                assert_eq!(
                    (header.api_key, header.api_version, reader.remaining()),
                    (key.code(), version, 0)
                );
                let mut writer = Writer::new();
                header.encode(&mut writer, at).unwrap();
                assert_eq!(writer.into_bytes(), bytes, "{} v{version}", key.name());

                let at = response_header_version(*key, version);
                let bytes = encode(response, &generate(response, at, &mut rng, Tame::No), at);
                let mut reader = Reader::new(bytes.clone().into());
                let header = ResponseHeader::decode(&mut reader, at).unwrap();
                assert_eq!(reader.remaining(), 0);
                let mut writer = Writer::new();
                header.encode(&mut writer, at);
                assert_eq!(writer.into_bytes(), bytes, "{} v{version}", key.name());
            }
        }
    }
}

/// The client id keeps its two-byte length where everything else is compact.
fn encode_header(schema: &Schema, value: &ottla_wire_tests::Value, version: i16) -> Vec<u8> {
    let plain = Schema { flexible_from: i16::MAX, ..schema.clone() };
    let mut bytes = encode(&plain, value, version);
    if schema.is_flexible(version) {
        bytes.push(0);
    }
    bytes
}
