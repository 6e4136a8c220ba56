//! A glance says what the general reader says, of sound batches and of damaged ones.

use bytes::{Bytes, BytesMut};

use crate::{Batch, BatchBuilder, BatchError, BatchHeader, Header, Limits, NewRecord, Records};

use super::Glance;

/// Splitmix: enough to be different each time and the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound
    }

    /// A length of one to four bytes, or null.
    fn field(&mut self) -> Option<Vec<u8>> {
        let most = [1, 60, 70, 9000, 40][self.below(5) as usize];
        (self.below(4) > 0).then(|| vec![b'x'; self.below(most) as usize])
    }
}

fn batch(random: &mut Random) -> Batch {
    let mut builder = BatchBuilder::new();
    for _ in 0..=random.below(40) {
        let (key, value, extra) = (random.field(), random.field(), random.field());
        let headers: [Header<'_>; 1] = [(b"h", extra.as_deref())];
        let headers = if random.below(5) == 0 { &headers[..] } else { &[] };
        let timestamp = [0, 5, 70, 9000, 2_000_000, -1][random.below(6) as usize];
        builder.push(&NewRecord { timestamp, key: key.as_deref(), value: value.as_deref(), headers });
    }
    Batch::parse(&builder.finish().freeze()).expect("a batch just built")
}

/// What both ways say; the general one is [`Records::iter`].
fn both(records: &Records) -> [Result<Vec<Glance>, BatchError>; 2] {
    let mut glances = Vec::new();
    let glanced = records.glance_at_each(|glance| {
        glances.push(glance);
        Ok::<_, BatchError>(())
    });
    let base = records.header().base_offset;
    let general = records.iter().map(|record| {
        let record = record?;
        let offset_delta = record.offset.wrapping_sub(base);
        Ok(Glance { offset_delta, timestamp: record.timestamp, has_key: record.key.is_some() })
    });
    [glanced.map(|()| glances), general.collect()]
}

#[test]
fn a_glance_says_what_the_general_reader_says() {
    let mut random = Random(7);
    for _ in 0..300 {
        let records = batch(&mut random).records(&Limits::default()).expect("not compressed");
        let [glanced, general] = both(&records);
        assert_eq!(glanced, general);
        assert_eq!(general.expect("a sound batch").len(), records.header().record_count as usize);
    }
}

#[test]
fn of_damaged_records_too() {
    let mut random = Random(8);
    let mut wrong = 0;
    for _ in 0..20_000 {
        let batch = batch(&mut random);
        let records = batch.records(&Limits::default()).expect("not compressed");
        let mut payload = BytesMut::from(&records.payload()[..]);
        for _ in 0..=random.below(2) {
            let at = random.below(payload.len() as u64) as usize;
            payload[at] = [0, 1, 0x7f, 0x80, 0xff, random.below(256) as u8][random.below(6) as usize];
        }
        if random.below(4) == 0 {
            payload.truncate(random.below(payload.len() as u64) as usize);
        }
        let header = BatchHeader { base_timestamp: i64::MAX - random.below(200) as i64, ..*batch.header() };
        let header = if random.below(9) == 0 { header } else { *batch.header() };
        let [glanced, general] = both(&Records::new(header, payload.freeze()));
        assert_eq!(glanced, general);
        wrong += u32::from(general.is_err());
    }
    assert!(wrong > 2000, "{wrong}");
}

#[test]
fn most_records_need_no_more_than_a_glance() {
    let mut builder = BatchBuilder::new();
    for at in 0..1000 {
        builder.push(&NewRecord { timestamp: at, value: Some(&[b'x'; 100]), ..NewRecord::default() });
    }
    let bytes: Bytes = builder.finish().freeze();
    let batch = Batch::parse(&bytes).expect("a batch just built");
    let payload = batch.records(&Limits::default()).expect("not compressed").payload().clone();
    let (mut rest, mut seen) = (&payload[..], 0);
    while let Some((_, end)) = super::common(batch.header(), rest) {
        rest = &rest[end..];
        seen += 1;
    }
    assert_eq!(seen, 1000);
}
