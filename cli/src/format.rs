//! The format language of `consume -f` and `produce -f`: rpk's verbs, with modifiers in braces.
//!
//! [`Format`] is a parsed text; `print.rs` writes records by it, `read.rs` reads them. What a verb means stands in one
//! table, [`VERBS`].

mod beside;
mod json;
mod notation;
mod parse;
mod print;
mod read;
mod steps;

pub(crate) use beside::{Beside, codec_name};
pub(crate) use json::read as read_json;
pub(crate) use read::{FormatReader, ReadError, Words};

use beside::Attribute;
use notation::{Coding, Notation, TimeNotation};
use ottla_client::Record;

/// How records are printed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// One line each, or laid out for eyes.
    Json {
        pretty: bool,
    },
    Format(Format),
}

impl Shape {
    /// Reads what stands behind `-f` of `consume`.
    pub(crate) fn parse(text: &str, for_eyes: bool) -> Result<Self, String> {
        Ok(match text {
            "json" => Self::Json { pretty: for_eyes },
            "raw" => Self::Format(Format::parse("%v")?),
            text => Self::Format(Format::parse(text)?),
        })
    }

    /// Appends one record. `running` is how many were printed before it.
    pub(crate) fn print(&self, record: &Record, beside: &Beside, running: u64, out: &mut Vec<u8>) {
        match self {
            Self::Json { pretty } => json::print(record, *pretty, out),
            Self::Format(format) => format.print(record, beside, running, out),
        }
    }
}

/// A parsed format.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Format(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// As it stands there.
    Text(Vec<u8>),
    Bytes(Field, Coding),
    Number(Number, Notation),
    Time(TimeNotation),
    /// A word where no notation is said and there is one.
    Attribute(Attribute, Option<Notation>),
    /// Each header by a format of its own; without one as a list.
    Headers(Option<Vec<Piece>>),
}

/// What has bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Topic,
    Key,
    Value,
}

/// What is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Length(Field),
    Headers,
    Partition,
    Offset,
    LeaderEpoch,
    ProducerId,
    ProducerEpoch,
    LogStartOffset,
    LastStableOffset,
    HighWatermark,
    /// The first record that is printed is the first.
    Running,
}

/// What a letter behind `%` stands for.
#[derive(Debug, Clone, Copy)]
enum Verb {
    Bytes(Field),
    Number(Number),
    Time,
    Attribute,
    Headers,
}

/// Every verb with its letter. `%s` is kcat's word for the value.
const VERBS: &[(char, Verb)] = &[
    ('t', Verb::Bytes(Field::Topic)),
    ('T', Verb::Number(Number::Length(Field::Topic))),
    ('k', Verb::Bytes(Field::Key)),
    ('K', Verb::Number(Number::Length(Field::Key))),
    ('v', Verb::Bytes(Field::Value)),
    ('s', Verb::Bytes(Field::Value)),
    ('V', Verb::Number(Number::Length(Field::Value))),
    ('h', Verb::Headers),
    ('H', Verb::Number(Number::Headers)),
    ('p', Verb::Number(Number::Partition)),
    ('o', Verb::Number(Number::Offset)),
    ('e', Verb::Number(Number::LeaderEpoch)),
    ('d', Verb::Time),
    ('a', Verb::Attribute),
    ('x', Verb::Number(Number::ProducerId)),
    ('y', Verb::Number(Number::ProducerEpoch)),
    ('[', Verb::Number(Number::LogStartOffset)),
    ('|', Verb::Number(Number::LastStableOffset)),
    (']', Verb::Number(Number::HighWatermark)),
    ('i', Verb::Number(Number::Running)),
];
