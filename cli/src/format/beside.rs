//! What is known of a record besides itself: of the batch it came in, and of its partition.

use ottla_client::{BatchHeader, Codec, Consumer, TimestampType, TopicPartition, Watermarks};

use super::{Format, Number, Piece, Shape, notation::Notation};

/// Nothing of it is known where nobody asks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beside {
    pub(super) batch: Option<BatchHeader>,
    pub(super) watermarks: Option<Watermarks>,
}

impl Beside {
    /// Of the record that was read last, which is of this partition.
    pub(crate) fn of(consumer: &Consumer, at: &TopicPartition) -> Self {
        Self { batch: consumer.batch().map(|batch| *batch.header()), watermarks: consumer.watermarks(at) }
    }
}

impl Shape {
    /// Whether it prints what is not of the record itself.
    pub(crate) fn asks_beside(&self) -> bool {
        use Number::{HighWatermark, LastStableOffset, LogStartOffset, ProducerEpoch, ProducerId};
        let beside = |piece: &Piece| {
            matches!(
                piece,
                Piece::Attribute(..)
                    | Piece::Number(
                        ProducerId | ProducerEpoch | LogStartOffset | LastStableOffset | HighWatermark,
                        _
                    )
            )
        };
        matches!(self, Self::Format(Format(pieces)) if pieces.iter().any(beside))
    }
}

pub(crate) const fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::None => "none",
        Codec::Gzip => "gzip",
        Codec::Snappy => "snappy",
        Codec::Lz4 => "lz4",
        Codec::Zstd => "zstd",
    }
}

/// What a batch's attributes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    Compression,
    TimestampType,
    Transactional,
    Control,
}

const ATTRIBUTES: &[(&str, Attribute)] = &[
    ("compression", Attribute::Compression),
    ("timestamp-type", Attribute::TimestampType),
    ("transactional-bit", Attribute::Transactional),
    ("control-bit", Attribute::Control),
];

impl Attribute {
    /// A name, and how its number is written: `compression;hex8`. A codec is written as a word where nothing is said.
    pub(super) fn named(text: &str) -> Result<(Self, Option<Notation>), String> {
        let (name, notation) = text.split_once(';').map_or((text, None), |(name, how)| (name, Some(how)));
        let Some((_, attribute)) = ATTRIBUTES.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
            return Err(format!(
                "{}, each also with its number as in {name};hex8",
                known.join(", "),
                name = known[0]
            ));
        };
        let notation = notation.map(Notation::named).transpose();
        let notation = notation.map_err(|allowed| format!("behind {name}; {allowed}"))?;
        Ok((*attribute, notation))
    }

    pub(super) fn write(self, header: &BatchHeader, notation: Option<Notation>, out: &mut Vec<u8>) {
        // Whose codec nobody knows was not read.
        let codec = header.codec().unwrap_or(Codec::None);
        let number = match (self, notation) {
            (Self::Compression, None) => return out.extend_from_slice(codec_name(codec).as_bytes()),
            (Self::Compression, _) => codec.id(),
            (Self::TimestampType, _) => i16::from(header.timestamp_type() == TimestampType::LogAppendTime),
            (Self::Transactional, _) => header.is_transactional().into(),
            (Self::Control, _) => header.is_control().into(),
        };
        notation.unwrap_or(Notation::Decimal).write(number.into(), out);
    }
}
