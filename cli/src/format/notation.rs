//! How numbers, bytes and times are written: what stands in the braces behind a verb.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Decimal,
    /// So many digits of base 16.
    Hex(usize),
    /// So many bytes, the highest first.
    Big(usize),
    /// So many bytes, the lowest first.
    Little(usize),
    /// As many digits of base 16 as it takes.
    HexDigits,
    /// Whether it is not 0.
    Truth,
}

const NUMBERS: &[(&str, Notation)] = &[
    ("ascii", Notation::Decimal),
    ("number", Notation::Decimal),
    ("hex", Notation::HexDigits),
    ("hex64", Notation::Hex(16)),
    ("hex32", Notation::Hex(8)),
    ("hex16", Notation::Hex(4)),
    ("hex8", Notation::Hex(2)),
    ("hex4", Notation::Hex(1)),
    ("big64", Notation::Big(8)),
    ("big32", Notation::Big(4)),
    ("big16", Notation::Big(2)),
    ("big8", Notation::Big(1)),
    ("byte", Notation::Big(1)),
    ("little64", Notation::Little(8)),
    ("little32", Notation::Little(4)),
    ("little16", Notation::Little(2)),
    ("little8", Notation::Little(1)),
    ("bool", Notation::Truth),
];

impl Notation {
    pub(super) fn named(name: &str) -> Result<Self, String> {
        named(NUMBERS, name)
    }

    pub(super) fn write(self, number: i64, out: &mut Vec<u8>) {
        match self {
            Self::Decimal => out.extend_from_slice(number.to_string().as_bytes()),
            // What is too large loses its upper part, as in rpk.
            Self::Hex(digits) => {
                let all = format!("{number:016x}");
                out.extend_from_slice(&all.as_bytes()[all.len() - digits..]);
            }
            Self::Big(bytes) => out.extend_from_slice(&number.to_be_bytes()[8 - bytes..]),
            Self::Little(bytes) => out.extend_from_slice(&number.to_le_bytes()[..bytes]),
            Self::HexDigits => out.extend_from_slice(format!("{number:x}").as_bytes()),
            Self::Truth => out.extend_from_slice(if number == 0 { b"false" } else { b"true" }),
        }
    }

    /// Bytes a number of this notation always has; `None` where something has to follow it.
    pub(super) const fn width(self) -> Option<usize> {
        match self {
            Self::Decimal | Self::HexDigits | Self::Truth => None,
            Self::Hex(width) | Self::Big(width) | Self::Little(width) => Some(width),
        }
    }

    pub(super) fn read(self, text: &[u8]) -> Option<i64> {
        let padded = |bytes: &[u8]| {
            let mut whole = [0; 8];
            whole[8 - bytes.len()..].copy_from_slice(bytes);
            signed(u64::from_be_bytes(whole), bytes.len())
        };
        match self {
            Self::Decimal => std::str::from_utf8(text).ok()?.trim().parse().ok(),
            Self::Hex(_) | Self::HexDigits => {
                let digits = std::str::from_utf8(text).ok().filter(|text| !text.starts_with('+'))?;
                u64::from_str_radix(digits, 16).ok().map(|number| signed(number, text.len() / 2))
            }
            Self::Truth => match text {
                b"true" => Some(1),
                b"false" => Some(0),
                _ => None,
            },
            Self::Big(_) => Some(padded(text)),
            Self::Little(_) => Some(padded(&text.iter().rev().copied().collect::<Vec<_>>())),
        }
    }
}

/// Numbers of four and eight bytes have a sign, as what is not there has the length -1; the smaller ones have not.
const fn signed(number: u64, bytes: usize) -> i64 {
    if bytes == 4 { (number as u32).cast_signed() as i64 } else { number.cast_signed() }
}

/// Bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Hex,
    Base64,
}

const CODINGS: &[(&str, Coding)] =
    &[("raw", Coding::Plain), ("hex", Coding::Hex), ("base64", Coding::Base64)];

impl Coding {
    pub(super) fn named(name: &str) -> Result<Self, String> {
        named(CODINGS, name)
    }

    pub(super) fn write(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Plain => out.extend_from_slice(bytes),
            Self::Hex => {
                bytes.iter().for_each(|byte| out.extend_from_slice(format!("{byte:02x}").as_bytes()))
            }
            Self::Base64 => out.extend_from_slice(STANDARD.encode(bytes).as_bytes()),
        }
    }

    pub(super) fn read(self, text: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Plain => Some(text),
            Self::Hex => {
                let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
                let byte = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?);
                text.chunks(2).map(byte).collect()
            }
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

/// A point in time.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TimeNotation {
    /// Milliseconds since 1970.
    Millis(Notation),
    /// By a pattern of strftime(3), in UTC.
    Pattern(String),
}

impl TimeNotation {
    pub(super) fn named(name: &str) -> Result<Self, String> {
        let pattern = name.strip_prefix("strftime[").and_then(|rest| rest.strip_suffix(']'));
        match pattern {
            Some(pattern) => {
                // The first instant tries whether the pattern makes sense.
                let pattern = Self::Pattern(pattern.to_owned());
                pattern.try_write(0).map(|_| pattern)
            }
            None => {
                Notation::named(name).map(Self::Millis).map_err(|allowed| format!("{allowed}, strftime[…]"))
            }
        }
    }

    pub(super) fn write(&self, millis: i64, out: &mut Vec<u8>) {
        match self {
            Self::Millis(notation) => notation.write(millis, out),
            Self::Pattern(_) => {
                // Beyond the year 9999 there is no date: then the number.
                let text = self.try_write(millis).unwrap_or_else(|_| millis.to_string());
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    fn try_write(&self, millis: i64) -> Result<String, String> {
        let Self::Pattern(pattern) = self else { return Ok(millis.to_string()) };
        let at = jiff::Timestamp::from_millisecond(millis).map_err(|error| error.to_string())?;
        let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        jiff::fmt::strtime::format(pattern, &at).map_err(|error| error.to_string())
    }
}

/// The error says what is allowed.
fn named<T: Copy>(all: &[(&str, T)], name: &str) -> Result<T, String> {
    let found = all.iter().find(|(known, _)| *known == name).map(|(_, notation)| *notation);
    found.ok_or_else(|| all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (name, notation) in NUMBERS {
            for number in [0, 1, 10] {
                let mut out = Vec::new();
                notation.write(number, &mut out);
                assert!(notation.width().is_none_or(|width| width == out.len()), "{name}");
                let number = if *notation == Notation::Truth { i64::from(number != 0) } else { number };
                assert_eq!(notation.read(&out), Some(number), "{name}");
            }
        }
        let mut out = Vec::new();
        Notation::Little(2).write(0x1234, &mut out);
        Notation::Big(4).write(0x1234, &mut out);
        Notation::Hex(4).write(-1, &mut out);
        assert_eq!(out, b"\x34\x12\0\0\x12\x34ffff");
        for four in [Notation::Big(4), Notation::Little(4), Notation::Hex(8), Notation::Big(8)] {
            let mut nothing = Vec::new();
            four.write(-1, &mut nothing);
            assert_eq!(four.read(&nothing), Some(-1), "{four:?}");
        }
        assert_eq!(Notation::Big(1).read(b"\xff"), Some(255));
        assert_eq!(Notation::Hex(2).read(b"+1"), None);
        assert_eq!(Notation::Decimal.read(b" 7"), Some(7));
    }

    #[test]
    fn bytes_are_read_as_they_are_written() {
        for (name, coding) in CODINGS {
            let mut out = Vec::new();
            coding.write(b"\0\xffa", &mut out);
            assert_eq!(coding.read(out).as_deref(), Some(&b"\0\xffa"[..]), "{name}");
        }
        assert_eq!(Coding::Hex.read(b"abc".to_vec()), None);
        assert_eq!(Coding::Base64.read(b"?".to_vec()), None);
    }

    #[test]
    fn times_have_patterns() {
        let mut out = Vec::new();
        TimeNotation::named("strftime[%F %H:%M]").expect("a pattern").write(86_400_000, &mut out);
        assert_eq!(out, b"1970-01-02 00:00");
        assert!(TimeNotation::named("strftime[%]").is_err());
        assert!(TimeNotation::named("roman").expect_err("unknown").contains("strftime"));
    }
}
