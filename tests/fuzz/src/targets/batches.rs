//! Record batches and their compression.

use bytes::Bytes;
use ottla_records::{
    BatchBuilder, BatchHeader, Batches, Codec, ControlRecord, HEADER_LEN, Header, Levels, Limits, NewRecord,
    Records, TimestampType, compress, crc32c, decompress, glimpse,
    validate::{ProduceRules, validate_for_append},
};
use ottla_wire_tests::Rng;

use crate::{Allowance, Target};

const LIMITS: Limits = Limits { max_bytes: 64 << 10, max_ratio: 1024 };

/// Twice the limit while the output grows, and the state of the codec itself.
const COMPRESSED: Allowance =
    Allowance { per_byte: 8, free: (64 << 10) + 2 * LIMITS.max_bytes + CODEC_STATE };
/// LZ4 holds three blocks of 64 KiB, gzip and zstd less.
const CODEC_STATE: usize = 512 << 10;

/// Walks batches as consumers and recovery do.
pub(super) const BATCHES: Target = Target {
    name: "batches",
    allowance: COMPRESSED,
    run: |input| {
        let bytes = Bytes::copy_from_slice(input);
        let _ = glimpse(&bytes);
        for batch in Batches::new(bytes).flatten() {
            let _ = batch.verify();
            let header = batch.header();
            let _ = (header.last_offset(), header.next_offset(), header.last_sequence());
            let Ok(records) = batch.records(&LIMITS) else { continue };
            walk(&records);
            if header.codec() == Ok(Codec::None) {
                let _ = ControlRecord::all(&batch);
            }
        }
    },
    seed: |rng| (0..1 + rng.below(3)).flat_map(|_| batch(rng)).collect(),
};

/// What a producer sends. The first byte chooses the topic's rules, and whether length and checksum are put right, so
/// that the records behind them are reached.
pub(super) const PRODUCE: Target = Target {
    name: "produce",
    allowance: Allowance { free: COMPRESSED.free + RECOMPRESSED, ..COMPRESSED },
    run: |input| {
        let Some((choice, batch)) = input.split_first() else { return };
        let mut batch = batch.to_vec();
        if choice & 1 != 0 && batch.len() > HEADER_LEN {
            let length = (batch.len() - 12) as i32;
            batch[8..12].copy_from_slice(&length.to_be_bytes());
            let crc = crc32c(&batch[21..]);
            batch[17..21].copy_from_slice(&crc.to_be_bytes());
        }
        let batch = Bytes::from(batch);
        let rules = rules(*choice);
        let Ok(append) = validate_for_append(&batch, &rules) else { return };
        let mut stored = vec![0; HEADER_LEN];
        append.header.write(&mut stored);
        stored.extend_from_slice(&append.payload);
        let stored = Bytes::from(stored);
        let header = BatchHeader::parse(&stored).expect("what was accepted is a batch");
        header.verify_crc(&stored).expect("with a checksum that is right");
        assert_eq!(header.size_in_bytes(), stored.len(), "of the length it says");
        let batch = Batches::new(stored).next().expect("one batch").expect("a sound one");
        if !rules.check_compressed && header.codec() != Ok(Codec::None) {
            // Its header may have been believed.
            let _ = batch.records(&LIMITS).map(|records| walk(&records));
            return;
        }
        let records = batch.records(&LIMITS).expect("that decompresses");
        assert_eq!(walk(&records), header.record_count, "to records that can all be read");
    },
    seed: |rng| {
        let mut input = vec![rng.next() as u8];
        input.extend(batch(rng));
        input
    },
};

/// Compressing again holds the records, the output and the tables of the encoder.
const RECOMPRESSED: usize = 4 << 20;

const fn codec(name: &'static str, run: fn(&[u8]), seed: fn(&mut Rng) -> Vec<u8>) -> Target {
    Target { name, allowance: COMPRESSED, run, seed }
}

pub(super) const GZIP: Target =
    codec("gzip", |input| expand(Codec::Gzip, input), |rng| packed(Codec::Gzip, rng));
/// In xerial's blocks, or raw.
pub(super) const SNAPPY: Target =
    codec("snappy", |input| expand(Codec::Snappy, input), |rng| packed(Codec::Snappy, rng));
pub(super) const LZ4: Target = codec("lz4", |input| expand(Codec::Lz4, input), |rng| packed(Codec::Lz4, rng));
pub(super) const ZSTD: Target =
    codec("zstd", |input| expand(Codec::Zstd, input), |rng| packed(Codec::Zstd, rng));

fn expand(codec: Codec, input: &[u8]) {
    if let Ok(out) = decompress(codec, &Bytes::copy_from_slice(input), &LIMITS) {
        assert!(out.len() <= LIMITS.max_bytes, "{} bytes came out", out.len());
    }
}

fn packed(codec: Codec, rng: &mut Rng) -> Vec<u8> {
    let length = if rng.one_in(10) { rng.below(300_000) } else { rng.below(500) };
    let noise = rng.one_in(2);
    let plain: Vec<u8> = (0..length).map(|_| if noise { rng.next() as u8 } else { b'x' }).collect();
    let mut packed = compress(codec, &plain, Levels::default()).to_vec();
    // Behind xerial's header and the length of the first block lies raw snappy.
    if codec == Codec::Snappy && rng.one_in(2) && packed.len() > 20 {
        packed.drain(..20);
    }
    packed
}

fn walk(records: &Records) -> i32 {
    let mut count = 0;
    for record in records.iter().flatten() {
        assert_eq!(record.headers().count(), record.header_count(), "headers were checked with the record");
        count += 1;
    }
    count
}

fn rules(choice: u8) -> ProduceRules {
    let bit = |at: u32| choice >> at & 1 != 0;
    let codecs = [None, Some(Codec::None), Some(Codec::Gzip), Some(Codec::Lz4)];
    ProduceRules {
        max_message_bytes: 1 << 20,
        timestamp_type: if bit(1) { TimestampType::LogAppendTime } else { TimestampType::CreateTime },
        timestamp_before_max_ms: if bit(2) { i64::MAX } else { 1000 },
        timestamp_after_max_ms: if bit(3) { i64::MAX } else { 1000 },
        compacted: bit(4),
        check_compressed: bit(3),
        codec: codecs[usize::from(choice >> 5 & 3)],
        levels: Levels::default(),
        limits: LIMITS,
        version: if bit(7) { 2 } else { 9 },
        now_ms: 1_700_000_000_000,
    }
}

fn batch(rng: &mut Rng) -> Vec<u8> {
    let codecs = [Codec::None, Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];
    let mut builder = BatchBuilder::new().codec(*rng.pick(&codecs), Levels::default());
    if rng.one_in(3) {
        builder = builder.producer(rng.below(5) as i64, 0, rng.below(9) as i32);
    }
    if rng.one_in(8) {
        builder = builder.control();
    }
    if rng.one_in(8) {
        builder = builder.transactional();
    }
    let base = 1_700_000_000_000 + rng.below(3000) as i64;
    for at in 0..1 + rng.below(4) {
        let text: Vec<u8> = (0..rng.below(30)).map(|_| rng.next() as u8).collect();
        let headers: [Header<'_>; 2] = [(b"a", Some(&text)), (b"a", None)];
        builder.push(&NewRecord {
            timestamp: base + at as i64,
            key: (!rng.one_in(4)).then_some(&text),
            value: (!rng.one_in(4)).then_some(b"value"),
            headers: &headers[..rng.below(3)],
        });
    }
    builder.finish().to_vec()
}
