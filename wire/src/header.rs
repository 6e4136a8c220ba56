use ottla_types::Str;

use crate::{
    ApiKey, DecodeError, EncodeError, Reader, Writer,
    codec::{Ctx, Field, Nullable, TagSection, read_tags},
};

/// What stands before every request body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestHeader {
    /// Which API; a number, because a peer may send one nobody knows.
    pub api_key: i16,
    /// At which version the body is written.
    pub api_version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
    /// The client's own name.
    pub client_id: Option<Str>,
}

/// What stands before every response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResponseHeader {
    /// That of the request.
    pub correlation_id: i32,
}

/// 2 (with tagged fields) for flexible versions, else 1.
#[must_use]
pub fn request_header_version(key: ApiKey, version: i16) -> i16 {
    if version >= key.flexible_from() { 2 } else { 1 }
}

/// 1 (with tagged fields) for flexible versions, else 0. ApiVersions is always 0: its client cannot know yet.
#[must_use]
pub fn response_header_version(key: ApiKey, version: i16) -> i16 {
    i16::from(key != ApiKey::ApiVersions && version >= key.flexible_from())
}

/// The client id keeps its two-byte length in every header version.
const PLAIN: Ctx = Ctx { version: 0, flexible: false };

impl RequestHeader {
    /// Reads a header whose key and version decide about its form. An unknown key or a version far beyond ours is
    /// read up to the correlation id and the client id only.
    ///
    /// # Errors
    /// The bytes end early or the client id is not text.
    pub fn decode(r: &mut Reader) -> Result<Self, DecodeError> {
        let api_key = r.i16()?;
        let api_version = r.i16()?;
        let correlation_id = r.i32()?;
        let client_id = Str::read_nullable(r, PLAIN)?;
        if ApiKey::from_code(api_key).is_some_and(|key| api_version >= key.flexible_from()) {
            read_tags(r, |_, _| Ok(false))?;
        }
        Ok(Self { api_key, api_version, correlation_id, client_id })
    }

    /// Writes the header at `header_version`.
    ///
    /// # Errors
    /// The client id is longer than the wire allows.
    pub fn encode(&self, w: &mut Writer, header_version: i16) -> Result<(), EncodeError> {
        self.api_key.write(w, PLAIN)?;
        self.api_version.write(w, PLAIN)?;
        self.correlation_id.write(w, PLAIN)?;
        self.client_id.write(w, PLAIN)?;
        if header_version >= 2 {
            TagSection::default().finish(w);
        }
        Ok(())
    }
}

impl ResponseHeader {
    /// Reads the header at `header_version`.
    ///
    /// # Errors
    /// The bytes end early.
    pub fn decode(r: &mut Reader, header_version: i16) -> Result<Self, DecodeError> {
        let correlation_id = r.i32()?;
        if header_version >= 1 {
            read_tags(r, |_, _| Ok(false))?;
        }
        Ok(Self { correlation_id })
    }

    /// Writes the header at `header_version`.
    pub fn encode(self, w: &mut Writer, header_version: i16) {
        w.put(&self.correlation_id.to_be_bytes());
        if header_version >= 1 {
            TagSection::default().finish(w);
        }
    }
}
