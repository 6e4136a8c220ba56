use bytes::Bytes;

use crate::{BatchError, BatchHeader, Codec, HEADER_LEN, Limits, Records, decompress};

/// One batch where it lies: the header read, the records untouched.
#[derive(Debug, Clone)]
pub struct Batch {
    header: BatchHeader,
    bytes: Bytes,
}

impl Batch {
    /// Takes the first batch of `bytes`. The checksum is not looked at; see [`verify`](Self::verify).
    ///
    /// # Errors
    /// There is no complete batch of magic 2.
    pub fn parse(bytes: &Bytes) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let needed = header.size_in_bytes();
        if bytes.len() < needed {
            return Err(BatchError::Truncated { needed, available: bytes.len() });
        }
        Ok(Self { header, bytes: bytes.slice(..needed) })
    }

    /// Its header.
    #[must_use]
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// All of its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Checks the checksum.
    ///
    /// # Errors
    /// It does not match.
    pub fn verify(&self) -> Result<(), BatchError> {
        self.header.verify_crc(&self.bytes)
    }

    /// Its records, decompressed within `limits` where they are compressed.
    ///
    /// # Errors
    /// The codec is unknown, or the payload does not decompress within the limits.
    pub fn records(&self, limits: &Limits) -> Result<Records, BatchError> {
        let payload = self.bytes.slice(HEADER_LEN..);
        let payload = match self.header.codec()? {
            Codec::None => payload,
            codec => decompress(codec, &payload, limits)?,
        };
        Ok(Records::new(self.header, payload))
    }
}

/// Batches one behind the other. Ends silently before an incomplete last one, as a fetch may cut it.
#[derive(Debug, Clone)]
pub struct Batches {
    rest: Bytes,
}

impl Batches {
    /// Walks `bytes`.
    #[must_use]
    pub const fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }

    /// What has not been walked: after the end, the incomplete last batch.
    #[must_use]
    pub const fn rest(&self) -> &Bytes {
        &self.rest
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        match Batch::parse(&self.rest) {
            Ok(batch) => {
                self.rest = self.rest.slice(batch.bytes.len()..);
                Some(Ok(batch))
            }
            Err(BatchError::Truncated { .. }) => None,
            Err(error) => {
                self.rest = Bytes::new();
                Some(Err(error))
            }
        }
    }
}
