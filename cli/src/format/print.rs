//! Records as a format wants them.

use bytes::Bytes;
use ottla_client::Record;

use super::{Beside, Field, Format, Number, Piece};

impl Format {
    /// Appends one record. `running` is how many were printed before it.
    pub(super) fn print(&self, record: &Record, beside: &Beside, running: u64, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Bytes(field, coding) => coding.write(bytes(record, *field).unwrap_or_default(), out),
                Piece::Number(number, notation) => {
                    notation.write(value(record, beside, *number, running), out)
                }
                Piece::Time(notation) => notation.write(record.timestamp, out),
                Piece::Attribute(attribute, notation) => {
                    if let Some(header) = &beside.batch {
                        attribute.write(header, *notation, out);
                    }
                }
                Piece::Headers(None) => out.extend_from_slice(list(record).as_bytes()),
                Piece::Headers(Some(format)) => {
                    record
                        .headers
                        .iter()
                        .for_each(|(key, value)| print_header(format, key, value.as_ref(), out));
                }
            }
        }
    }
}

fn bytes(record: &Record, field: Field) -> Option<&[u8]> {
    match field {
        Field::Topic => Some(record.topic.as_bytes()),
        Field::Key => record.key.as_deref(),
        Field::Value => record.value.as_deref(),
    }
}

/// The length of what is not there is -1.
fn length(bytes: Option<&[u8]>) -> i64 {
    bytes.map_or(-1, |bytes| bytes.len() as i64)
}

fn value(record: &Record, beside: &Beside, number: Number, running: u64) -> i64 {
    let (batch, watermarks) = (beside.batch.as_ref(), beside.watermarks.as_ref());
    match number {
        Number::Length(field) => length(bytes(record, field)),
        Number::Headers => record.headers.len() as i64,
        Number::Partition => record.partition.into(),
        Number::Offset => record.offset,
        Number::LeaderEpoch => record.leader_epoch.into(),
        Number::ProducerId => batch.map_or(-1, |header| header.producer_id),
        Number::ProducerEpoch => batch.map_or(-1, |header| header.producer_epoch.into()),
        Number::LogStartOffset => watermarks.map_or(-1, |of| of.log_start_offset),
        Number::LastStableOffset => watermarks.map_or(-1, |of| of.last_stable_offset),
        Number::HighWatermark => watermarks.map_or(-1, |of| of.high_watermark),
        Number::Running => i64::try_from(running).unwrap_or(i64::MAX).saturating_add(1),
    }
}

fn print_header(format: &[Piece], key: &str, value: Option<&Bytes>, out: &mut Vec<u8>) {
    let bytes = |field: Field| if field == Field::Key { Some(key.as_bytes()) } else { value.map(|v| &v[..]) };
    for piece in format {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text),
            Piece::Bytes(field, coding) => coding.write(bytes(*field).unwrap_or_default(), out),
            Piece::Number(Number::Length(field), notation) => notation.write(length(bytes(*field)), out),
            // Refused where the format is read.
            Piece::Number(..) | Piece::Time(_) | Piece::Attribute(..) | Piece::Headers(_) => {}
        }
    }
}

fn list(record: &Record) -> String {
    let one = |(key, value): &(String, Option<Bytes>)| {
        format!("{key}={}", value.as_ref().map_or("null".into(), |v| String::from_utf8_lossy(v)))
    };
    record.headers.iter().map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use ottla_client::{BatchHeader, Watermarks};

    use super::*;

    /// A batch as of lz4, the broker's time, a transaction.
    fn beside() -> Beside {
        let mut bytes = ottla_records::BatchBuilder::new().producer(791, 5, 0).finish();
        bytes[22] = 0x1b;
        let batch = BatchHeader::parse(&bytes).expect("a header");
        let watermarks = Watermarks { log_start_offset: 1, last_stable_offset: 20, high_watermark: 300 };
        Beside { batch: Some(batch), watermarks: Some(watermarks) }
    }

    fn printed(format: &str) -> Vec<u8> {
        let record = Record {
            topic: "x".into(),
            leader_epoch: 4,
            partition: 1,
            offset: 2,
            timestamp: 3,
            key: Some("k".into()),
            value: None,
            headers: vec![("a".into(), Some("b".into())), ("a".into(), None)],
        };
        let mut out = Vec::new();
        Format::parse(format).expect("a format").print(&record, &beside(), 7, &mut out);
        out
    }

    #[test]
    fn every_verb_is_printed() {
        assert_eq!(printed("%t/%T/%p@%o %k%K=%v%V|%s|%e %d %i%%\\n"), b"x/1/1@2 k1=-1||4 3 8%\n");
    }

    #[test]
    fn what_is_beside_the_record_is_printed() {
        assert_eq!(printed("%x/%y [%[ %| %]] %]{hex16}"), b"791/5 [1 20 300] 012c");
        assert_eq!(
            printed("%a{compression} %a{timestamp-type} %a{transactional-bit} %a{control-bit}"),
            b"lz4 1 1 0"
        );
        assert_eq!(
            printed(
                "%a{compression;number} %a{transactional-bit;bool} %a{control-bit;hex8}%a{compression;big8}"
            ),
            b"3 true 00\x03"
        );
    }

    #[test]
    fn what_is_beside_a_record_is_asked_for_by_those_who_print_it() {
        let asks = |format| super::super::Shape::parse(format, false).expect("a format").asks_beside();
        assert!(["%a{control-bit}", "%x", "%y", "%[", "%|", "%v %]"].into_iter().all(asks));
        assert!(!["json", "raw", "%t %p %o %e %k %v %h %d %i%%"].into_iter().any(asks));
    }

    #[test]
    fn headers_are_a_list_or_each_by_its_format() {
        assert_eq!(printed("%H:%h"), b"2:a=b,a=null");
        assert_eq!(printed("%h{ %k{hex}%K:%v(%V)}."), b" 611:b(1) 611:(-1).");
    }

    #[test]
    fn modifiers_are_used() {
        assert_eq!(
            printed("%k{hex} %k{base64} %o{hex8} %p{big16} %d{strftime[%Y]}"),
            b"6b aw== 02 \0\x01 1970"
        );
    }
}
