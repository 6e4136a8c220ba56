//! Produce requests that are built once and sent many times.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ottla_records::{BatchBuilder, NewRecord, crc32c};
use ottla_types::ErrorCode;
use ottla_wire::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};

use super::connection::frame;
use crate::Result;

/// A version all three servers speak.
pub(crate) const PRODUCE: i16 = 7;
/// Where the correlation id stands in a request: after size, key and version.
const CORRELATION_AT: usize = 8;
/// Within a batch: the checksum, and what it covers.
const CRC_AT: usize = 17;
const CRC_FROM: usize = 21;
/// Bytes a value needs to carry the moment it was due.
pub(crate) const STAMP_LEN: usize = 8;

/// What goes to one partition with one request.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) acks: i16,
    pub(crate) records: usize,
    /// Bytes of each value.
    pub(crate) size: usize,
}

/// A produce request whose correlation id and time stamp can be changed in place.
#[derive(Debug, Clone)]
pub(crate) struct ProduceFrame {
    bytes: Vec<u8>,
    batch_at: usize,
    stamp_at: usize,
    answer: AnswerForm,
}

impl ProduceFrame {
    pub(crate) fn new(shape: &Shape) -> Result<Self> {
        if shape.size < STAMP_LEN {
            return Err(format!("a value needs at least {STAMP_LEN} bytes").into());
        }
        let value = vec![b'v'; shape.size];
        let timestamp = present_ms()?;
        let mut builder = BatchBuilder::new();
        for _ in 0..shape.records {
            builder.push(&NewRecord { timestamp, value: Some(&value), ..NewRecord::default() });
        }
        let batch = builder.finish().freeze();
        let request = request(&shape.topic, shape.partition, shape.acks, batch.clone());
        let bytes = frame(&request, PRODUCE, 0)?;
        // The batch is the last thing in a request, and a record ends with its value and the count of its headers: 0.
        let batch_at = bytes.len() - batch.len();
        let stamp_at = bytes.len() - 1 - shape.size;
        Ok(Self { bytes, batch_at, stamp_at, answer: AnswerForm::of(&shape.topic) })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn answer(&self) -> AnswerForm {
        self.answer
    }

    pub(crate) fn set_correlation(&mut self, id: i32) {
        self.bytes[CORRELATION_AT..CORRELATION_AT + 4].copy_from_slice(&id.to_be_bytes());
    }

    /// Writes a number into the last record's value and renews the checksum.
    pub(crate) fn stamp(&mut self, number: u64) {
        self.bytes[self.stamp_at..self.stamp_at + STAMP_LEN].copy_from_slice(&number.to_be_bytes());
        let batch = &mut self.bytes[self.batch_at..];
        let crc = crc32c(&batch[CRC_FROM..]);
        batch[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_be_bytes());
    }
}

/// The time records are given: with an old one the retention of a broker would take them away while they are counted.
pub(crate) fn present_ms() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}

/// What sends one batch.
pub(crate) fn request(topic: &str, partition: i32, acks: i16, batch: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData { index: partition, records: Some(batch.into()) };
    let topic = TopicProduceData {
        name: topic.into(),
        partition_data: vec![partition],
        ..TopicProduceData::default()
    };
    ProduceRequest { acks, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() }
}

/// Where things stand in the answer to a request with one partition: found by place, not decoded, as a client that
/// decodes would be what is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerForm {
    error_at: usize,
    len: usize,
}

impl AnswerForm {
    fn of(topic: &str) -> Self {
        // Correlation id, one topic, its name, one partition, its index; then error, base offset, append time, log start
        // offset, and the throttle time.
        let error_at = 4 + 4 + 2 + topic.len() + 4 + 4;
        Self { error_at, len: error_at + 2 + 8 + 8 + 8 + 4 }
    }

    /// The correlation id of a frame (without its size), if it says that the records were taken.
    pub(crate) fn check(self, frame: &[u8]) -> Result<i32> {
        if frame.len() != self.len {
            return Err(format!("an answer of {} bytes where {} are due", frame.len(), self.len).into());
        }
        let error = ErrorCode(i16::from_be_bytes([frame[self.error_at], frame[self.error_at + 1]]));
        if !error.is_ok() {
            return Err(format!("a produce request was refused: {error:?}").into());
        }
        Ok(i32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]))
    }
}

#[cfg(test)]
mod tests {
    use ottla_records::Batch;
    use ottla_wire::{Message, messages::produce_response};

    use super::*;

    fn shape() -> Shape {
        Shape { topic: "a-topic".into(), partition: 0, acks: 1, records: 3, size: 20 }
    }

    #[test]
    fn a_stamped_batch_has_the_stamp_in_its_last_value_and_a_right_checksum() {
        let mut frame = ProduceFrame::new(&shape()).expect("a request");
        frame.stamp(0x0102_0304_0506_0708);
        let batch = Bytes::copy_from_slice(&frame.bytes()[frame.batch_at..]);
        let batch = Batch::parse(&batch).expect("a batch");
        batch.verify().expect("the checksum");
        let records = batch.records(&ottla_records::Limits::default()).expect("records");
        let values: Vec<_> =
            records.iter().map(|record| record.expect("a record").value.map(<[u8]>::to_vec)).collect();
        assert_eq!(values.len(), 3);
        assert_eq!(values[2].as_deref().map(|value| &value[..8]), Some(&[1, 2, 3, 4, 5, 6, 7, 8][..]));
        assert_eq!(values[1].as_deref(), Some(&[b'v'; 20][..]));
    }

    #[test]
    fn an_answer_is_read_by_place_as_the_codec_writes_it() {
        let answer = |error_code| {
            let partition = produce_response::PartitionProduceResponse {
                error_code,
                base_offset: 7,
                ..Default::default()
            };
            let topic = produce_response::TopicProduceResponse {
                name: "a-topic".into(),
                partition_responses: vec![partition],
                ..Default::default()
            };
            let body = produce_response::ProduceResponse { responses: vec![topic], ..Default::default() };
            [&42_i32.to_be_bytes(), &body.to_bytes(PRODUCE).expect("a body")[..]].concat()
        };
        let form = AnswerForm::of("a-topic");
        assert_eq!(form.check(&answer(ErrorCode::NONE)).expect("taken"), 42);
        assert!(form.check(&answer(ErrorCode::CORRUPT_MESSAGE)).is_err());
        assert!(form.check(&answer(ErrorCode::NONE)[1..]).is_err());
    }
}
