//! What is sent: the same payloads Kafka's tool sends, in the same order.

use std::path::Path;

use bytes::Bytes;
use regex::Regex;

use crate::{
    kafka::{Stop, errors::Thrown},
    verbs::say::say,
};

/// Java's `SplittableRandom`, as far as it is needed.
#[derive(Debug)]
struct SplittableRandom(u64);

impl SplittableRandom {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0x62a9_d9ed_7997_05f5);
        let mixed = (mixed ^ (mixed >> 28)).wrapping_mul(0xcb24_d0a5_c88c_35b3);
        u32::try_from(mixed >> 32).unwrap_or_default()
    }

    /// Less than `bound`, which is at most 2³¹ − 1.
    fn below(&mut self, bound: u32) -> u32 {
        if bound.is_power_of_two() {
            return self.next() & (bound - 1);
        }
        loop {
            let half = self.next() >> 1;
            let rest = half % bound;
            // Those above the last multiple would come too often.
            if half - rest <= (1 << 31) - bound {
                return rest;
            }
        }
    }
}

#[derive(Debug)]
enum Source {
    /// Letters.
    Random(usize),
    /// One of these.
    OneOf(Vec<Bytes>),
    /// The number of the record.
    Counted,
}

#[derive(Debug)]
pub(super) struct Payloads {
    random: SplittableRandom,
    source: Source,
}

impl Payloads {
    fn new(source: Source) -> Self {
        Self { random: SplittableRandom(0), source }
    }

    pub(super) fn random(size: usize) -> Self {
        Self::new(Source::Random(size))
    }

    pub(super) fn counted() -> Self {
        Self::new(Source::Counted)
    }

    /// The texts of a file, between which something stands.
    pub(super) fn of_file(path: &str, delimiter: &str) -> Result<Self, Stop> {
        let absolute = std::path::absolute(Path::new(path))?;
        say!("Reading payloads from: {}", absolute.display());
        let bytes = std::fs::read(path).unwrap_or_default();
        if bytes.is_empty() {
            return Err(Thrown::illegal_argument("File does not exist or empty file provided.").into());
        }
        let class = "java.util.regex.PatternSyntaxException";
        let delimiter = Regex::new(delimiter).map_err(|error| Thrown::new(class, error.to_string()))?;
        let text = String::from_utf8_lossy(&bytes);
        let parts: Vec<Bytes> = parts(&text, &delimiter)
            .into_iter()
            .map(|part| Bytes::copy_from_slice(part.as_bytes()))
            .collect();
        say!("Number of records read: {}", parts.len());
        if parts.is_empty() {
            let why = "No payload file, record size or payload-monotonic option provided.";
            return Err(Thrown::illegal_argument(why).into());
        }
        Ok(Self::new(Source::OneOf(parts)))
    }

    /// The payload of a record.
    pub(super) fn next(&mut self, number: u64) -> Bytes {
        match &self.source {
            Source::Random(size) => {
                let letter = |_| b'A' + u8::try_from(self.random.below(26)).unwrap_or_default();
                (0..*size).map(letter).collect::<Vec<u8>>().into()
            }
            Source::OneOf(parts) => {
                let count = u32::try_from(parts.len()).unwrap_or(i32::MAX.cast_unsigned());
                parts[self.random.below(count) as usize].clone()
            }
            Source::Counted => number.to_string().into(),
        }
    }
}

/// The parts of a text as Java's `Scanner` takes them: before each at most one delimiter is passed over.
fn parts<'a>(text: &'a str, delimiter: &Regex) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        if let Some(first) = delimiter.find(rest).filter(|found| found.start() == 0) {
            rest = &rest[first.end()..];
        }
        if rest.is_empty() {
            return parts;
        }
        let next = delimiter.find_iter(rest).find(|found| found.end() > 0);
        let (part, behind) = rest.split_at(next.map_or(rest.len(), |found| found.start()));
        parts.push(part);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `java.util.SplittableRandom` gave them, made with 0: the letters are those of the transcript.
    #[test]
    fn payloads_are_those_of_kafkas_tool() {
        let mut payloads = Payloads::random(20);
        assert_eq!(payloads.next(0), "YQHHNEBSEPDNSEIFGAMS");
        assert_eq!(payloads.next(1), "UJXKOLTXSPLGHDIOYZJF");
        assert_eq!(Payloads::counted().next(7), "7");
    }

    #[test]
    fn texts_are_parted_as_by_a_scanner() {
        let parts = |text, delimiter| parts(text, &Regex::new(delimiter).expect("a pattern"));
        assert_eq!(parts("one\ntwo\n\nfour\n", "\n"), ["one", "two", "", "four"]);
        assert_eq!(parts("\none", "\n"), ["one"]);
        assert_eq!(parts("a;b--c;\nd\n", ";|--"), ["a", "b", "c", "\nd\n"]);
        assert_eq!(parts("abc", "x*"), ["a", "b", "c"]);
    }
}
