use std::fmt;

use bytes::Bytes;

/// How keys or values of a topic are written and read: what Kafka calls a serde.
///
/// The type that implements it names the format. For most it is also the type of the value: `i64` is written as eight bytes
/// and read as `i64`. It may be another: [`Json<Order>`](crate::Json) is read as `Order`, `Option<String>` as a string or
/// null. Numbers, text and ids are written as Kafka's own serializers write them, so a Java program reads them with the
/// serializer of that name.
///
/// | type | Kafka's serializer | bytes |
/// | --- | --- | --- |
/// | `String` | String | UTF-8; others are refused when they are read |
/// | `Bytes`, `Vec<u8>` | Bytes, ByteArray | as they are |
/// | `i16`, `i32`, `i64` | Short, Integer, Long | 2, 4, 8, the most significant first |
/// | `f32`, `f64` | Float, Double | 4, 8, the most significant first |
/// | `bool` | Boolean | 0 or 1 |
/// | [`Uuid`](crate::Uuid) | UUID | `123e4567-e89b-12d3-a456-426614174000` |
/// | `()` | Void | null |
/// | `Option<T>` | that of `T` | null for `None` |
/// | `Json<T>` (feature `json`) | | JSON, by serde |
///
/// A type of one's own takes a few lines:
///
/// ```
/// use ottla_client::{Bytes, Data, DataError, Topic};
///
/// #[derive(Debug, PartialEq)]
/// struct Celsius(f32);
///
/// impl Data for Celsius {
///     type Value = Self;
///     type Ref<'a> = &'a Self;
///
///     fn encode(value: &Self) -> Result<Option<Bytes>, DataError> {
///         f32::encode(value.0)
///     }
///
///     fn decode(bytes: Option<&Bytes>) -> Result<Self, DataError> {
///         f32::decode(bytes).map(Self)
///     }
/// }
///
/// const READINGS: Topic<String, Celsius> = Topic::new("readings");
/// let record = READINGS.record("cellar", &Celsius(7.5));
/// # let record = record.into_outgoing().expect("it can be written");
/// # assert_eq!(Celsius::decode(record.value.as_ref()), Ok(Celsius(7.5)));
/// ```
pub trait Data: 'static {
    /// What is read.
    type Value;
    /// What is written: a reference, or the value itself where that is small.
    type Ref<'a>
    where
        Self: 'a;

    /// The bytes of a value; `None` for null.
    ///
    /// # Errors
    /// The format has no place for it.
    fn encode(value: Self::Ref<'_>) -> Result<Option<Bytes>, DataError>;

    /// The value of bytes; `None` for null.
    ///
    /// # Errors
    /// They are no such value.
    fn decode(bytes: Option<&Bytes>) -> Result<Self::Value, DataError>;
}

/// Why a value has no bytes, or bytes are no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Null where there has to be something.
    #[error("it is null, which only an Option takes")]
    Null,
    /// Bytes of another length than the type is written in.
    #[error("{found} bytes where {expected} are expected")]
    Length {
        /// In how many it is written.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Malformed(String),
}

impl DataError {
    /// With the words of another error.
    pub fn malformed(why: impl fmt::Display) -> Self {
        Self::Malformed(why.to_string())
    }
}

/// The bytes of what must not be null.
pub(super) fn present(bytes: Option<&Bytes>) -> Result<&Bytes, DataError> {
    bytes.ok_or(DataError::Null)
}

impl<T: Data> Data for Option<T> {
    type Value = Option<T::Value>;
    type Ref<'a> = Option<T::Ref<'a>>;

    fn encode(value: Self::Ref<'_>) -> Result<Option<Bytes>, DataError> {
        value.map_or(Ok(None), T::encode)
    }

    fn decode(bytes: Option<&Bytes>) -> Result<Self::Value, DataError> {
        bytes.map(|bytes| T::decode(Some(bytes))).transpose()
    }
}
