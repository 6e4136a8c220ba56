use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};

/// Kafka's 16-byte id of topics, directories, clusters and incarnations. Text form: URL-safe base64 without padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uuid(pub [u8; 16]);

/// The text is not 22 characters of URL-safe base64.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a Kafka id: 22 characters of URL-safe base64 are expected")]
pub struct ParseUuidError(String);

impl Uuid {
    /// "None": an absent topic id.
    pub const ZERO: Self = Self([0; 16]);
    /// The topic id of `__cluster_metadata`; as a directory id, "unassigned".
    pub const ONE: Self = Self::from_u128(1);

    /// The id with these 128 bits, most significant first.
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Self(bits.to_be_bytes())
    }

    /// True for the absent id.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Whether Kafka would hand this id out: not among the first 100 ids, and its text does not begin with `-`, which
    /// command lines would take for an option.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        u128::from_be_bytes(self.0) >= 100 && !self.to_string().starts_with('-')
    }

    /// Turns 16 random bytes into a version-4 id, as `java.util.UUID.randomUUID` does.
    #[must_use]
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = ParseUuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ParseUuidError(text.to_owned()))?;
        bytes.try_into().map(Self).map_err(|_| ParseUuidError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_goes_there_and_back() {
        let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        assert_eq!(id.to_string(), "ASNFZ4mrze8BI0VniavN7w");
        assert_eq!("ASNFZ4mrze8BI0VniavN7w".parse(), Ok(id));
        assert!("short".parse::<Uuid>().is_err());
        assert!(!Uuid::ONE.is_usable() && id.is_usable());
    }
}
