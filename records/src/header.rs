use crate::{Codec, crc32c};

/// Bytes in front of the records of a batch.
pub const HEADER_LEN: usize = 61;
/// Bytes in front of what `batch_length` counts.
pub(crate) const LENGTH_OVERHEAD: usize = 12;
/// Where the checksummed part begins.
pub(crate) const CRC_FROM: usize = 21;

/// What a record's timestamp means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// When the producer made the record.
    CreateTime,
    /// When the broker appended the batch.
    LogAppendTime,
}

/// Why bytes are not a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Fewer bytes than the batch says it has.
    #[error("the batch needs {needed} bytes, {available} are there")]
    Truncated {
        /// Bytes the batch says it has.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// A length that cannot be.
    #[error("the batch length {0} is impossible")]
    InvalidLength(i32),
    /// Not the record format of today.
    #[error("the magic byte {0} is not 2")]
    UnsupportedMagic(i8),
    /// The checksum does not match.
    #[error("Record is corrupt (stored crc = {stored}, computed crc = {computed})")]
    CorruptCrc {
        /// In the batch.
        stored: u32,
        /// Over its bytes.
        computed: u32,
    },
    /// The checksum matches, the contents do not make sense.
    #[error("{0}")]
    Malformed(&'static str),
    /// The payload does not decompress.
    #[error(transparent)]
    Codec(#[from] crate::CodecError),
}

/// The 61 bytes in front of a batch's records (KIP-98).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Epoch of the leader that appended it.
    pub partition_leader_epoch: i32,
    /// Always 2.
    pub magic: i8,
    /// CRC-32C of everything from the attributes on.
    pub crc: u32,
    /// Codec, timestamp type, flags.
    pub attributes: i16,
    /// Offset of the last record, relative.
    pub last_offset_delta: i32,
    /// Timestamp of the first record, or the delete horizon.
    pub base_timestamp: i64,
    /// Largest timestamp.
    pub max_timestamp: i64,
    /// −1 without idempotence.
    pub producer_id: i64,
    /// −1 without idempotence.
    pub producer_epoch: i16,
    /// Sequence of the first record, −1 without idempotence.
    pub base_sequence: i32,
    /// Number of records.
    pub record_count: i32,
}

fn fixed<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

impl BatchHeader {
    /// Reads the header and checks magic and length, not the checksum.
    ///
    /// # Errors
    /// Fewer than 61 bytes, an impossible length, or another magic.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        if bytes.len() < HEADER_LEN {
            return Err(BatchError::Truncated { needed: HEADER_LEN, available: bytes.len() });
        }
        let header = Self {
            base_offset: i64::from_be_bytes(fixed(bytes, 0)),
            batch_length: i32::from_be_bytes(fixed(bytes, 8)),
            partition_leader_epoch: i32::from_be_bytes(fixed(bytes, 12)),
            magic: i8::from_be_bytes(fixed(bytes, 16)),
            crc: u32::from_be_bytes(fixed(bytes, 17)),
            attributes: i16::from_be_bytes(fixed(bytes, 21)),
            last_offset_delta: i32::from_be_bytes(fixed(bytes, 23)),
            base_timestamp: i64::from_be_bytes(fixed(bytes, 27)),
            max_timestamp: i64::from_be_bytes(fixed(bytes, 35)),
            producer_id: i64::from_be_bytes(fixed(bytes, 43)),
            producer_epoch: i16::from_be_bytes(fixed(bytes, 51)),
            base_sequence: i32::from_be_bytes(fixed(bytes, 53)),
            record_count: i32::from_be_bytes(fixed(bytes, 57)),
        };
        if header.magic != 2 {
            return Err(BatchError::UnsupportedMagic(header.magic));
        }
        if header.batch_length < (HEADER_LEN - LENGTH_OVERHEAD) as i32 {
            return Err(BatchError::InvalidLength(header.batch_length));
        }
        Ok(header)
    }

    /// Bytes of the whole batch, this header included.
    #[must_use]
    pub fn size_in_bytes(&self) -> usize {
        self.batch_length.max(0) as usize + LENGTH_OVERHEAD
    }

    /// Offset of the last record.
    #[must_use]
    pub fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    /// Offset after the last record.
    #[must_use]
    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Sequence of the last record; sequences wrap from `i32::MAX` to 0. −1 without idempotence.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return self.base_sequence;
        }
        let sum = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        (sum % (i64::from(i32::MAX) + 1)) as i32
    }

    /// How the records are compressed.
    ///
    /// # Errors
    /// The codec id is unknown.
    pub fn codec(&self) -> Result<Codec, BatchError> {
        Codec::from_id(self.attributes & 0x07).ok_or(BatchError::Malformed("unknown compression codec"))
    }

    /// What the timestamps mean.
    #[must_use]
    pub const fn timestamp_type(&self) -> TimestampType {
        if self.attributes & 0x08 == 0 { TimestampType::CreateTime } else { TimestampType::LogAppendTime }
    }

    /// Part of a transaction.
    #[must_use]
    pub const fn is_transactional(&self) -> bool {
        self.attributes & 0x10 != 0
    }

    /// Holds control records, which clients never see.
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.attributes & 0x20 != 0
    }

    /// `base_timestamp` is the delete horizon of the cleaner.
    #[must_use]
    pub const fn has_delete_horizon(&self) -> bool {
        self.attributes & 0x40 != 0
    }

    /// From when on tombstones of the batch, or its marker, need not be kept any longer (KIP-534); `None` until a cleaner
    /// has found them to be removable.
    #[must_use]
    pub const fn delete_horizon(&self) -> Option<i64> {
        if self.has_delete_horizon() { Some(self.base_timestamp) } else { None }
    }

    /// Made by an idempotent producer.
    #[must_use]
    pub const fn has_producer(&self) -> bool {
        self.producer_id >= 0
    }

    /// Checks the checksum of the batch `bytes` begins with.
    ///
    /// # Errors
    /// It is incomplete or corrupt.
    pub fn verify_crc(&self, bytes: &[u8]) -> Result<(), BatchError> {
        let needed = self.size_in_bytes();
        let body =
            bytes.get(CRC_FROM..needed).ok_or(BatchError::Truncated { needed, available: bytes.len() })?;
        let computed = crc32c(body);
        if computed == self.crc { Ok(()) } else { Err(BatchError::CorruptCrc { stored: self.crc, computed }) }
    }

    /// Gives the batch in `bytes` its place in the log. Both fields stand outside the checksum.
    pub fn assign(bytes: &mut [u8], base_offset: i64, partition_leader_epoch: i32) {
        bytes[0..8].copy_from_slice(&base_offset.to_be_bytes());
        bytes[12..16].copy_from_slice(&partition_leader_epoch.to_be_bytes());
    }

    /// Makes every record's timestamp `append_time` (LogAppendTime) and renews the checksum.
    pub fn set_log_append_time(bytes: &mut [u8], append_time: i64) {
        let attributes = i16::from_be_bytes(fixed(bytes, 21)) | 0x08;
        bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
        bytes[35..43].copy_from_slice(&append_time.to_be_bytes());
        Self::renew_crc(bytes);
    }

    /// Writes the checksum of a batch as it stands: 61 bytes at least.
    pub fn renew_crc(bytes: &mut [u8]) {
        let crc = crc32c(&bytes[CRC_FROM..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    }

    /// Writes the header as it stands.
    pub fn write(&self, out: &mut [u8]) {
        out[0..8].copy_from_slice(&self.base_offset.to_be_bytes());
        out[8..12].copy_from_slice(&self.batch_length.to_be_bytes());
        out[12..16].copy_from_slice(&self.partition_leader_epoch.to_be_bytes());
        out[16] = self.magic.cast_unsigned();
        out[17..21].copy_from_slice(&self.crc.to_be_bytes());
        out[21..23].copy_from_slice(&self.attributes.to_be_bytes());
        out[23..27].copy_from_slice(&self.last_offset_delta.to_be_bytes());
        out[27..35].copy_from_slice(&self.base_timestamp.to_be_bytes());
        out[35..43].copy_from_slice(&self.max_timestamp.to_be_bytes());
        out[43..51].copy_from_slice(&self.producer_id.to_be_bytes());
        out[51..53].copy_from_slice(&self.producer_epoch.to_be_bytes());
        out[53..57].copy_from_slice(&self.base_sequence.to_be_bytes());
        out[57..61].copy_from_slice(&self.record_count.to_be_bytes());
    }
}
