//! What Kafka's own serializers write.

use bytes::Bytes;
use ottla_types::Uuid;

use super::data::{Data, DataError, present};

impl Data for String {
    type Value = Self;
    type Ref<'a> = &'a str;

    fn encode(value: &str) -> Result<Option<Bytes>, DataError> {
        Ok(Some(Bytes::copy_from_slice(value.as_bytes())))
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
        text(bytes).map(str::to_owned)
    }
}

impl Data for Bytes {
    type Value = Self;
    type Ref<'a> = &'a Self;

    fn encode(value: &Self) -> Result<Option<Bytes>, DataError> {
        Ok(Some(value.clone()))
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
        present(bytes).cloned()
    }
}

impl Data for Vec<u8> {
    type Value = Self;
    type Ref<'a> = &'a [u8];

    fn encode(value: &[u8]) -> Result<Option<Bytes>, DataError> {
        Ok(Some(Bytes::copy_from_slice(value)))
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
        present(bytes).map(|bytes| bytes.to_vec())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Data for $number {
            type Value = Self;
            type Ref<'a> = Self;

            fn encode(value: Self) -> Result<Option<Bytes>, DataError> {
                Ok(Some(Bytes::copy_from_slice(&value.to_be_bytes())))
            }

            fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
                exactly(bytes).map(Self::from_be_bytes)
            }
        }
    )*};
}

numbers!(i16, i32, i64, f32, f64);

impl Data for bool {
    type Value = Self;
    type Ref<'a> = Self;

    fn encode(value: Self) -> Result<Option<Bytes>, DataError> {
        Ok(Some(Bytes::from_static(if value { &[1] } else { &[0] })))
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
        match exactly(bytes)? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(DataError::Malformed(format!("{other}, where 0 is false and 1 is true"))),
        }
    }
}

/// Null: of topics without keys, or of values that do not matter.
impl Data for () {
    type Value = Self;
    type Ref<'a> = Self;

    fn encode((): Self) -> Result<Option<Bytes>, DataError> {
        Ok(None)
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
        bytes.map_or(Ok(()), |bytes| Err(DataError::Length { expected: 0, found: bytes.len() }))
    }
}

/// Where the dashes of an id are.
const DASHES: [usize; 4] = [8, 13, 18, 23];
const UUID_LENGTH: usize = 36;

/// As `java.util.UUID` says it, with dashes: not in the base64 Kafka shows ids of topics in.
impl Data for Uuid {
    type Value = Self;
    type Ref<'a> = Self;

    fn encode(value: Self) -> Result<Option<Bytes>, DataError> {
        let mut text = format!("{:032x}", u128::from_be_bytes(value.0));
        DASHES.iter().for_each(|at| text.insert(*at, '-'));
        Ok(Some(text.into()))
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
        let text = text(bytes)?;
        if text.len() != UUID_LENGTH {
            return Err(DataError::Length { expected: UUID_LENGTH, found: text.len() });
        }
        let is_right = |(at, letter): (usize, u8)| {
            if DASHES.contains(&at) { letter == b'-' } else { letter.is_ascii_hexdigit() }
        };
        let digits = || text.chars().filter(|letter| *letter != '-').collect::<String>();
        let bits = text.bytes().enumerate().all(is_right).then(|| u128::from_str_radix(&digits(), 16).ok());
        let wrong = || DataError::Malformed(format!("`{text}` is no id of the form 8-4-4-4-12"));
        bits.flatten().map(Self::from_u128).ok_or_else(wrong)
    }
}

fn text(bytes: Option<&Bytes>) -> Result<&str, DataError> {
    std::str::from_utf8(present(bytes)?).map_err(DataError::malformed)
}

fn exactly<const N: usize>(bytes: Option<&Bytes>) -> Result<[u8; N], DataError> {
    let bytes = present(bytes)?;
    <[u8; N]>::try_from(&bytes[..]).map_err(|_| DataError::Length { expected: N, found: bytes.len() })
}
