//! I10–I12, bugs 63 and 64: batches that must not be appended, each kind through Produce.

use bytes::Bytes;
use ottla_hostile::{Broker, MIB, Wire, create_topic, produce, read_all};
use ottla_records::{
    BatchBuilder, BatchHeader, Codec, HEADER_LEN, Header, Levels, NewRecord, compress, crc32c,
};
use ottla_types::ErrorCode;

/// What decompressing one batch may take: the bytes that come out, and the codec's window.
const ONE_BATCH: u64 = 150 * MIB;

/// A good batch of one record.
pub(crate) fn value(value: &[u8]) -> Bytes {
    stamped(-1, Some(b"k"), value)
}

pub(crate) fn stamped(timestamp: i64, key: Option<&[u8]>, value: &[u8]) -> Bytes {
    let mut builder = BatchBuilder::new();
    builder.push(&NewRecord { timestamp, key, value: Some(value), headers: &[] });
    builder.finish().freeze()
}

/// A batch with its header changed, and the length and the checksum as they must be then.
fn changed(batch: &[u8], change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let mut bytes = batch.to_vec();
    let mut header = BatchHeader::parse(&bytes).expect("made by the builder");
    header.batch_length = i32::try_from(bytes.len() - 12).expect("batches of tests are small");
    change(&mut header);
    header.write(&mut bytes);
    let checksum = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
    bytes.into()
}

/// A batch of this payload, sound as far as its header goes.
fn of_payload(attributes: i16, count: i32, payload: &[u8]) -> Bytes {
    let whole = [&value(b"v")[..HEADER_LEN], payload].concat();
    changed(&whole, |header| {
        header.attributes = attributes;
        header.record_count = count;
        header.last_offset_delta = count - 1;
    })
}

fn varint(value: i64) -> Vec<u8> {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// A record by its parts: offset delta, then everything from the key's length on.
fn record(timestamp_delta: i64, offset_delta: i64, rest: &[u8]) -> Vec<u8> {
    let body = [&[0][..], &varint(timestamp_delta), &varint(offset_delta), rest].concat();
    [varint(i64::try_from(body.len()).expect("small")), body].concat()
}

/// A null key, the value `v`, no headers.
const PLAIN: &[u8] = &[1, 2, b'v', 0];

/// Two partitions: one for what is refused, one for a good batch beside it.
struct Bench {
    broker: Broker,
    wire: Wire,
}

impl Bench {
    fn new(settings: &[(&str, &str)]) -> Self {
        Self::on(Broker::start(), settings)
    }

    fn on(broker: Broker, settings: &[(&str, &str)]) -> Self {
        let mut wire = broker.connect();
        create_topic(&mut wire, "t", 1, settings);
        Self { broker, wire }
    }

    /// Nothing may be appended; the code is Kafka's.
    fn refused(&mut self, what: &str, batch: Bytes, code: ErrorCode) {
        let answer = produce(&mut self.wire, 9, "t", 0, batch);
        assert_eq!(answer.error_code, code, "{what}");
        assert_eq!(answer.base_offset, -1, "{what}");
    }

    /// As [`refused`](Self::refused), where Kafka says UNKNOWN_SERVER_ERROR after an exception of its own.
    fn refused_clearly(&mut self, what: &str, batch: Bytes, code: ErrorCode) {
        let code = if self.broker.is_ottla() { code } else { ErrorCode::UNKNOWN_SERVER_ERROR };
        self.refused(what, batch, code);
    }

    fn taken(&mut self, what: &str, batch: Bytes) {
        assert_eq!(produce(&mut self.wire, 9, "t", 0, batch).error_code, ErrorCode::NONE, "{what}");
    }

    /// The log holds as many records as were taken, and the next one follows them.
    fn finish(mut self, name: &str, taken: i64, growth: u64) {
        let (_, high_watermark) = read_all(&mut self.wire, "t", 0);
        assert_eq!(high_watermark, taken, "{name}: nothing that was refused is in the log");
        let answer = produce(&mut self.wire, 9, "t", 0, value(b"after"));
        assert_eq!(
            (answer.error_code, answer.base_offset),
            (ErrorCode::NONE, taken),
            "{name}: and it goes on"
        );
        self.broker.finish(name, growth);
    }
}

#[test]
fn i10_frames_of_batches_that_lie() {
    let mut bench = Bench::new(&[]);
    let good = value(b"v");
    let with_byte = |at: usize, byte: u8| {
        let mut bytes = good.to_vec();
        bytes[at] = byte;
        Bytes::from(bytes)
    };
    let crc = good[20];
    bench.refused("checksum", with_byte(20, !crc), ErrorCode::CORRUPT_MESSAGE);
    bench.refused("a bit of the payload", with_byte(HEADER_LEN + 3, 0xee), ErrorCode::CORRUPT_MESSAGE);
    bench.refused("magic 0", with_byte(16, 0), ErrorCode::INVALID_RECORD);
    bench.refused("magic 1", with_byte(16, 1), ErrorCode::INVALID_RECORD);
    bench.refused("magic 3", with_byte(16, 3), ErrorCode::CORRUPT_MESSAGE);
    bench.refused("magic 127", with_byte(16, 127), ErrorCode::CORRUPT_MESSAGE);
    bench.refused("two batches", [&good[..], &good].concat().into(), ErrorCode::INVALID_RECORD);
    bench.refused("nothing", Bytes::new(), ErrorCode::INVALID_RECORD);
    for length in 1..good.len() {
        bench.refused(&format!("the first {length} bytes"), good.slice(..length), ErrorCode::INVALID_RECORD);
    }
    for length in [i32::MIN, -1, 0, 13] {
        let batch = changed(&good, |header| header.batch_length = length);
        bench.refused(&format!("length {length}"), batch, ErrorCode::CORRUPT_MESSAGE);
    }
    let batch = changed(&good, |header| header.batch_length = i32::MAX);
    bench.refused_clearly("length 2^31 - 1", batch, ErrorCode::INVALID_RECORD);
    bench.finish("i10.frames", 0, 32 * MIB);
}

#[test]
fn i10_headers_of_batches_that_lie() {
    let mut bench = Bench::new(&[]);
    let mut two = BatchBuilder::new();
    two.push(&NewRecord::default());
    two.push(&NewRecord::default());
    let two = two.finish();
    let mut refused = |what: &str, change: &dyn Fn(&mut BatchHeader)| {
        bench.refused(what, changed(&two, change), ErrorCode::INVALID_RECORD);
    };
    refused("count 0", &|header| header.record_count = 0);
    refused("count -1", &|header| header.record_count = -1);
    refused("count 1 of 2", &|header| (header.record_count, header.last_offset_delta) = (1, 0));
    refused("count 3 of 2", &|header| (header.record_count, header.last_offset_delta) = (3, 2));
    refused("count 2^31 - 1", &|header| {
        (header.record_count, header.last_offset_delta) = (i32::MAX, i32::MAX - 1);
    });
    refused("last offset 5", &|header| header.last_offset_delta = 5);
    refused("last offset -1", &|header| header.last_offset_delta = -1);
    refused("last offset 2^31 - 1", &|header| header.last_offset_delta = i32::MAX);
    refused("base offset 100", &|header| header.base_offset = 100);
    refused("control batch", &|header| header.attributes |= 0x20);
    refused("sequence -1", &|header| {
        (header.producer_id, header.producer_epoch, header.base_sequence) = (7, 0, -1)
    });
    refused("sequence -2", &|header| {
        (header.producer_id, header.producer_epoch, header.base_sequence) = (7, 0, -2)
    });
    let empty = BatchBuilder::new().finish().freeze();
    bench.refused("no records", empty, ErrorCode::INVALID_RECORD);
    let transactional = changed(&two, |header| header.attributes |= 0x10);
    bench.refused(
        "a transaction without an id",
        transactional,
        ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    );
    for codec in [5, 6, 7] {
        let batch = changed(&two, |header| header.attributes |= codec);
        bench.refused_clearly(&format!("codec {codec}"), batch, ErrorCode::CORRUPT_MESSAGE);
    }
    bench.finish("i10.headers", 0, 32 * MIB);
}

#[test]
fn i10_b64_records_that_lie() {
    let mut bench = Bench::new(&[]);
    let mut refused = |what: &str, payload: Vec<u8>, count: i32| {
        bench.refused(what, of_payload(0, count, &payload), ErrorCode::INVALID_RECORD);
    };
    let two = |first: i64, second: i64| [record(0, first, PLAIN), record(0, second, PLAIN)].concat();
    refused("offset deltas 1, 2", two(1, 2), 2);
    refused("offset deltas 0, 0", two(0, 0), 2);
    refused("offset deltas 0, 2^31 - 1", two(0, i64::from(i32::MAX)), 2);
    refused("an offset delta of 2^40", two(0, 1 << 40), 2);
    refused("a record of 2^31 - 1 bytes", varint(i64::from(i32::MAX)), 1);
    refused("a record of -1 bytes", varint(-1), 1);
    refused("a varint without end", vec![0xff; 20], 1);
    refused("a value longer than its record", record(0, 0, &[1, 100, b'v', 0]), 1);
    refused("2^31 - 1 headers", record(0, 0, &[&[1, 2, b'v'][..], &varint(i64::from(i32::MAX))].concat()), 1);
    refused("-1 headers", record(0, 0, &[1, 2, b'v', 1]), 1);
    refused("a header without a key", record(0, 0, &[1, 2, b'v', 2, 1, 1]), 1);
    refused("bytes behind the headers", record(0, 0, &[1, 2, b'v', 0, 9]), 1);
    refused("bytes behind the records", [record(0, 0, PLAIN), vec![0; 9]].concat(), 1);
    bench.taken("a timestamp before the batch's", of_payload(0, 1, &record(-1, 0, PLAIN)));
    bench.finish("i10.records", 1, 32 * MIB);
}

#[test]
fn i10_b59_timestamps_out_of_range() {
    let mut bench = Bench::new(&[]);
    let now = i64::try_from(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis(),
    )
    .expect("before the year 292 million");
    const HOUR: i64 = 3_600_000;
    for (what, timestamp) in
        [("two hours ahead", now + 2 * HOUR), ("nanoseconds", now * 1_000_000), ("the last one", i64::MAX)]
    {
        bench.refused(what, stamped(timestamp, None, b"v"), ErrorCode::INVALID_TIMESTAMP);
    }
    let overflow =
        changed(&of_payload(0, 1, &record(i64::MAX, 0, PLAIN)), |header| header.base_timestamp = i64::MAX);
    let code = if bench.broker.is_ottla() { ErrorCode::INVALID_RECORD } else { ErrorCode::NONE };
    let answer = produce(&mut bench.wire, 9, "t", 0, overflow).error_code;
    assert_eq!(answer, code, "a sum that overflows; Kafka lets it wrap");
    let wrapped = i64::from(!bench.broker.is_ottla());
    for (what, timestamp) in
        [("none", -1), ("1970", 0), ("an hour ago", now - HOUR), ("half an hour ahead", now + HOUR / 2)]
    {
        bench.taken(what, stamped(timestamp, None, b"v"));
    }
    bench.finish("i10.timestamps", 4 + wrapped, 32 * MIB);
}

#[test]
fn i10_keyless_records_on_a_compacted_topic() {
    let mut bench = Bench::new(&[("cleanup.policy", "compact")]);
    let answer = produce(&mut bench.wire, 9, "t", 0, stamped(-1, None, b"v"));
    assert_eq!((answer.error_code, answer.record_errors.len()), (ErrorCode::INVALID_RECORD, 1));
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut builder = BatchBuilder::new().codec(codec, Levels::default());
        builder.push(&NewRecord { timestamp: -1, key: Some(b"k"), value: None, headers: &[] });
        builder.push(&NewRecord { timestamp: -1, key: None, value: None, headers: &[] });
        let answer = produce(&mut bench.wire, 9, "t", 0, builder.finish().freeze());
        assert_eq!((answer.error_code, answer.record_errors[0].batch_index), (ErrorCode::INVALID_RECORD, 1));
    }
    bench.finish("i10.keyless", 0, 32 * MIB);
}

/// A thousand to one and more: one honest record of zeros. Kafka takes them; we stop at the bound of `docs/limits.md`.
#[test]
fn i11_b63_bombs_in_every_codec() {
    let mut bench = Bench::new(&[("max.message.bytes", "8388608")]);
    let zeros = vec![0_u8; 100 << 20];
    let length = i64::try_from(zeros.len()).expect("small");
    let payload = record(0, 0, &[&[1][..], &varint(length), &zeros, &[0]].concat());
    drop(zeros);
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let bomb = compress(codec, &payload, Levels::default());
        let batch = of_payload(codec.id(), 1, &bomb);
        ottla_hostile::figure(
            &format!("i11.{codec:?}.ratio").to_lowercase(),
            payload.len() / bomb.len(),
            "to 1",
        );
        let answer = produce(&mut bench.wire, 9, "t", 0, batch).error_code;
        if bench.broker.is_ottla() {
            assert_eq!(answer, ErrorCode::INVALID_RECORD, "a bomb in {codec:?}");
        }
    }
    if bench.broker.is_ottla() {
        bench.finish("i11.bombs", 0, ONE_BATCH);
    }
}

#[test]
fn i11_b63_compressed_payloads_that_lie() {
    // Without it, the header of what is one whole frame of its codec is believed.
    let checking = Broker::start_with(&[("ottla.check.compressed.records", "true")]);
    let mut bench = Bench::on(checking, &[]);
    let plain = record(0, 0, PLAIN);
    let packed = |codec| compress(codec, &plain, Levels::default()).to_vec();
    let mut lies = |what: &str, codec: Codec, payload: &[u8]| {
        bench.refused_clearly(what, of_payload(codec.id(), 1, payload), ErrorCode::INVALID_RECORD);
    };
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        lies("not compressed at all", codec, &plain);
        lies("cut", codec, &packed(codec)[..packed(codec).len() / 2]);
        lies("a single byte", codec, &[0x41]);
    }
    // Snappy: 2^32 - 1 bytes are said to come out, bare and in Java's frame.
    let four_gib = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, b'x'];
    lies("snappy of 4 GiB", Codec::Snappy, &four_gib);
    let java = [&packed(Codec::Snappy)[..16], &7_u32.to_be_bytes(), &four_gib].concat();
    lies("a block of snappy of 4 GiB", Codec::Snappy, &java);
    let block = [&packed(Codec::Snappy)[..16], &u32::MAX.to_be_bytes(), &four_gib].concat();
    lies("a block of 4 GiB of snappy", Codec::Snappy, &block);
    // Zstandard: a window of 2 GiB, then one raw block of one byte.
    lies("zstd with a window of 2 GiB", Codec::Zstd, &[0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 9, 0, 0, b'x']);
    let mut lz4 = packed(Codec::Lz4);
    lz4[6] ^= 1;
    lies("lz4 with a wrong checksum of its header", Codec::Lz4, &lz4);
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        lies("compressed twice", codec, &compress(codec, &packed(codec), Levels::default()));
    }
    bench.finish("i11.lies", 0, ONE_BATCH);
}

#[test]
fn i11_gzip_of_several_members_is_one_stream() {
    let mut bench = Bench::new(&[]);
    let plain = record(0, 0, PLAIN);
    let member = |bytes: &[u8]| compress(Codec::Gzip, bytes, Levels::default());
    let members = [member(&plain[..3]), member(&plain[3..])].concat();
    bench.taken("two members", of_payload(Codec::Gzip.id(), 1, &members));
    bench.finish("i11.members", 1, 32 * MIB);
}

#[test]
fn i12_batches_beyond_the_limits_of_the_topic() {
    let mut bench = Bench::new(&[("max.message.bytes", "3000000"), ("segment.bytes", "1048576")]);
    bench.refused("larger than max.message.bytes", value(&vec![0; 3_000_000]), ErrorCode::MESSAGE_TOO_LARGE);
    bench.refused("larger than a segment", value(&vec![0; 2_000_000]), ErrorCode::RECORD_LIST_TOO_LARGE);
    let many: Vec<Header<'_>> = vec![(b"", None); 100_000];
    let mut builder = BatchBuilder::new();
    builder.push(&NewRecord { timestamp: -1, key: None, value: None, headers: &many });
    bench.taken("a hundred thousand headers", builder.finish().freeze());
    bench.finish("i12", 1, 64 * MIB);
}
