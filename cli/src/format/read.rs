//! Records out of a stream of bytes, as a format says they are written there.

use std::io::{self, BufRead, Read};

use bytes::Bytes;

use super::{
    Coding, Field, Format, Notation, Number,
    steps::{Extent, Last, Step, Target, steps},
};

/// A field longer than this is a mistake in the format more likely than a record.
const LONGEST: usize = 100 << 20;

/// What was read of one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Words {
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Option<Bytes>,
    pub(crate) headers: Vec<(String, Option<Bytes>)>,
    pub(crate) partition: Option<i32>,
    /// Milliseconds since 1970.
    pub(crate) timestamp: Option<i64>,
}

/// Why there are no more records.
#[derive(Debug)]
pub(crate) enum ReadError {
    Io(io::Error),
    /// The input ends inside a record.
    EndsEarly,
    /// What stands there is not what the format says.
    Unexpected(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::EndsEarly => f.write_str("the input ends in the middle of a record"),
            Self::Unexpected(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A format that can be read.
#[derive(Debug, Clone)]
pub(crate) struct FormatReader(Vec<Step>);

impl FormatReader {
    /// The error says which verb cannot be read, and why.
    pub(crate) fn new(format: Format) -> Result<Self, String> {
        steps(format.0, true).map(Self).map_err(|why| format!("--format: {why}"))
    }

    /// The next record; `None` at the end of the input.
    pub(crate) fn read(&self, input: &mut impl BufRead) -> Result<Option<Words>, ReadError> {
        if input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut read = Reading { words: Words::default(), lengths: [None; 2], headers: None };
        read.all(&self.0, input)?;
        Ok(Some(read.words))
    }
}

/// A record, or a header of one, that is being read.
struct Reading {
    words: Words,
    /// Of key and value, where they came.
    lengths: [Option<i64>; 2],
    /// How many headers there are, where it was said.
    headers: Option<i64>,
}

impl Reading {
    fn all(&mut self, steps: &[Step], input: &mut impl BufRead) -> Result<(), ReadError> {
        for step in steps {
            match step {
                Step::Text(text) => expect(text, input)?,
                Step::Take(target, extent) => self.take(*target, extent, input)?,
                Step::Headers(steps) => {
                    for _ in 0..self.headers.unwrap_or(1) {
                        let mut header = Self { words: Words::default(), lengths: [None; 2], headers: None };
                        header.all(steps, input)?;
                        let Words { key, value, .. } = header.words;
                        let key = String::from_utf8(key.unwrap_or_default().into())
                            .map_err(|_| ReadError::Unexpected("a header's key is not UTF-8".into()))?;
                        self.words.headers.push((key, value));
                    }
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, target: Target, extent: &Extent, input: &mut impl BufRead) -> Result<(), ReadError> {
        match target {
            Target::Bytes(field, coding) => {
                let text = match (extent, self.lengths[usize::from(field == Field::Value)]) {
                    (Extent::Sized, Some(-1)) => None,
                    (Extent::Sized, length) => {
                        Some(exactly(coded(coding, length.unwrap_or_default())?, input)?)
                    }
                    (extent, _) => Some(extent.read(input)?),
                };
                let decoded = text.map(|text| {
                    let shown = String::from_utf8_lossy(&text).into_owned();
                    coding.read(text).map(Bytes::from).ok_or_else(|| {
                        ReadError::Unexpected(format!("`{shown}` is not what {coding:?} looks like"))
                    })
                });
                let slot = if field == Field::Key { &mut self.words.key } else { &mut self.words.value };
                *slot = decoded.transpose()?;
            }
            Target::Number(number, notation) => {
                let value = number_of(notation, &extent.read(input)?)?;
                match number {
                    Number::Length(field) => self.lengths[usize::from(field == Field::Value)] = Some(value),
                    Number::Headers => self.headers = Some(value),
                    _ => {
                        let partition = i32::try_from(value).map_err(|_| {
                            ReadError::Unexpected(format!("{value} is not the number of a partition"))
                        })?;
                        self.words.partition = Some(partition);
                    }
                }
            }
            Target::Time(notation) => {
                self.words.timestamp = Some(number_of(notation, &extent.read(input)?)?);
            }
        }
        Ok(())
    }
}

impl Extent {
    fn read(&self, input: &mut impl BufRead) -> Result<Vec<u8>, ReadError> {
        match self {
            Self::Width(width) => exactly(*width, input),
            Self::Sized => Ok(Vec::new()),
            Self::Until(text, last) => until(text, *last, input),
            Self::Rest => {
                let mut rest = Vec::new();
                input.by_ref().take(LONGEST as u64 + 1).read_to_end(&mut rest)?;
                if rest.len() > LONGEST { Err(too_long()) } else { Ok(rest) }
            }
        }
    }
}

fn number_of(notation: Notation, text: &[u8]) -> Result<i64, ReadError> {
    notation.read(text).ok_or_else(|| {
        ReadError::Unexpected(format!("`{}` is not a number ({notation:?})", String::from_utf8_lossy(text)))
    })
}

/// How many bytes of text a field of this length has in its coding.
fn coded(coding: Coding, length: i64) -> Result<usize, ReadError> {
    let length = usize::try_from(length)
        .map_err(|_| ReadError::Unexpected(format!("{length} is not a length: -1 is nothing, 0 empty")))?;
    if length > LONGEST {
        return Err(too_long());
    }
    Ok(match coding {
        Coding::Plain => length,
        Coding::Hex => 2 * length,
        Coding::Base64 => length.div_ceil(3) * 4,
    })
}

fn too_long() -> ReadError {
    ReadError::Unexpected(format!("a field of more than {LONGEST} bytes"))
}

fn exactly(length: usize, input: &mut impl BufRead) -> Result<Vec<u8>, ReadError> {
    let mut text = Vec::new();
    // Memory comes with the bytes, not with what a length says.
    input.by_ref().take(length as u64).read_to_end(&mut text)?;
    if text.len() < length { Err(ReadError::EndsEarly) } else { Ok(text) }
}

fn expect(text: &[u8], input: &mut impl BufRead) -> Result<(), ReadError> {
    let found = exactly(text.len(), input)?;
    if found == text {
        return Ok(());
    }
    let [text, found] = [text, &found].map(String::from_utf8_lossy);
    Err(ReadError::Unexpected(format!(
        "`{}` where the format says `{}`",
        found.escape_debug(),
        text.escape_debug()
    )))
}

/// Up to a text, which is not part of it.
fn until(text: &[u8], is_last: Last, input: &mut impl BufRead) -> Result<Vec<u8>, ReadError> {
    let Some(last) = text.last() else { return Ok(Vec::new()) };
    let mut field = Vec::new();
    loop {
        let read = input.by_ref().take((LONGEST + text.len()) as u64).read_until(*last, &mut field)?;
        if field.ends_with(text) {
            field.truncate(field.len() - text.len());
            return Ok(field);
        }
        if read == 0 {
            return if is_last == Last::Yes { Ok(field) } else { Err(ReadError::EndsEarly) };
        }
        if field.len() > LONGEST {
            return Err(too_long());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(format: &str) -> FormatReader {
        FormatReader::new(Format::parse(format).expect("a format")).expect("that can be read")
    }

    fn all(format: &str, mut input: &[u8]) -> Result<Vec<Words>, ReadError> {
        let reader = reader(format);
        std::iter::from_fn(|| reader.read(&mut input).transpose()).collect()
    }

    fn words(key: Option<&str>, value: Option<&str>) -> Words {
        let bytes = |text: &str| Bytes::from(text.to_owned());
        Words { key: key.map(bytes), value: value.map(bytes), ..Words::default() }
    }

    #[test]
    fn fields_end_at_the_text_behind_them() {
        let read = all("%k: %v\\n", b"a: 1\nb: : 2\nc: 3").expect("records");
        assert_eq!(
            read,
            [words(Some("a"), Some("1")), words(Some("b"), Some(": 2")), words(Some("c"), Some("3"))]
        );
        assert_eq!(all("%v", b"one\ntwo\n").expect("all of it"), [words(None, Some("one\ntwo\n"))]);
    }

    #[test]
    fn lengths_before_fields_say_how_far_they_go() {
        let input = b"\0\0\0\x01k\0\0\0\x02\n\n\xff\xff\xff\xff\0\0\0\0";
        let read = all("%K{big32}%k%V{big32}%v", input).expect("records");
        assert_eq!(
            read,
            [words(Some("k"), Some("\n\n")), words(None, Some(""))],
            "-1 is the length of nothing"
        );
        let read = all("%K %k%V %v;", b"1 k2 \n\n;-1 0 ;").expect("records");
        assert_eq!(read, [words(Some("k"), Some("\n\n")), words(None, Some(""))]);
        assert_eq!(all("%V %v{hex};", b"2 6162;").expect("a record"), [words(None, Some("ab"))]);
    }

    #[test]
    fn partition_time_and_headers_are_read() {
        let read = all("%p %d %H %h{%k=%v,} %v{base64}\\n", b"3 17 2 a=1,b=, aGk=\n").expect("a record");
        let value = |text: &'static str| Some(Bytes::from(text));
        assert_eq!(read[0].headers, [("a".to_owned(), value("1")), ("b".to_owned(), value(""))]);
        assert_eq!((read[0].partition, read[0].timestamp, &read[0].value), (Some(3), Some(17), &value("hi")));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error = |format: &str, input: &[u8]| all(format, input).expect_err("it does not fit").to_string();
        assert!(error("%p %v\\n", b"x y\n").contains("`x` is not a number"));
        assert!(error("[%V{big8}%v]", b"[\x01a}").contains("`}` where the format says `]`"));
        assert!(error("%V{big8}%v", b"\x05ab").contains("in the middle"));
        assert!(error("%k: %v\\n", b"no key\n").contains("in the middle"));
        assert!(error("%v{hex}\\n", b"6\n").contains("Hex"));
    }

    #[test]
    fn formats_that_cannot_be_read_say_why() {
        let refused =
            |format: &str| FormatReader::new(Format::parse(format).expect("a format")).expect_err(format);
        for (format, why) in [
            ("%k%v", "has its length before it"),
            ("%o %v\\n", "the broker decides"),
            ("%h %v\\n", "with a format only"),
            ("%h{%k=%v}\\n", "has its length before it"),
            ("%t %v\\n", "named once"),
            ("%d{strftime[%F]} %v\\n", "milliseconds only"),
        ] {
            assert!(refused(format).contains(why), "{format}: {}", refused(format));
        }
    }
}
