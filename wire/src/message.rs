use bytes::Bytes;
use ottla_types::ErrorCode;

use crate::{
    ApiKey, DecodeError, EncodeError, Reader, VersionRange, Writer,
    codec::{Ctx, Field},
};

/// A message of its own: a request, a response, or the value of a log record.
pub trait Message: Field + Default {
    /// As the official schemas spell it.
    const NAME: &'static str;
    /// The versions this build can read and write.
    const VERSIONS: VersionRange;
    /// The first version with compact lengths and tagged fields; [`i16::MAX`] for never.
    const FLEXIBLE_FROM: i16;

    /// Whether `version` is a flexible one.
    #[must_use]
    fn is_flexible(version: i16) -> bool {
        version >= Self::FLEXIBLE_FROM
    }

    /// Reads the message and leaves the reader behind it.
    ///
    /// # Errors
    /// The bytes are not this message at this version.
    fn decode(r: &mut Reader, version: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(version) {
            return Err(DecodeError::UnknownVersion { message: Self::NAME, version });
        }
        Self::read(r, Ctx { version, flexible: Self::is_flexible(version) })
    }

    /// Writes the message.
    ///
    /// # Errors
    /// The version is unknown or has no place for a value that must not be dropped.
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(version) {
            return Err(EncodeError::UnknownVersion { message: Self::NAME, version });
        }
        self.write(w, Ctx { version, flexible: Self::is_flexible(version) })
    }

    /// The message alone, as bytes.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut w = Writer::new();
        self.encode(&mut w, version)?;
        Ok(w.into_bytes())
    }
}

/// What a client, a broker or a controller asks.
pub trait Request: Message {
    /// Which API.
    const KEY: ApiKey;
    /// What answers it.
    type Response: Response;
}

/// What answers a request.
pub trait Response: Message {
    /// A response that says `code` for the request as a whole; `None` where the API has only codes per item.
    #[must_use]
    fn fail(code: ErrorCode) -> Option<Self>;

    /// Tells the client how long it is being held back, where the response has a place for it.
    fn set_throttle(&mut self, throttle_time_ms: i32);
}
