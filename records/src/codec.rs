//! The four codecs, each bounded in what it may produce.

mod frames;
mod snappy;

use std::io::{Read, Write};

use bytes::{Bytes, BytesMut};

pub use frames::is_whole;

/// How records are compressed; the number stands in the batch's attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Not at all.
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy in xerial's blocks; raw snappy is accepted too.
    Snappy,
    /// LZ4 frames.
    Lz4,
    /// Zstandard frames.
    Zstd,
}

impl Codec {
    /// By its number.
    #[must_use]
    pub const fn from_id(id: i16) -> Option<Self> {
        Some(match id {
            0 => Self::None,
            1 => Self::Gzip,
            2 => Self::Snappy,
            3 => Self::Lz4,
            4 => Self::Zstd,
            _ => return None,
        })
    }

    /// By the name settings use; `uncompressed` and `none` mean the same.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "none" | "uncompressed" => Self::None,
            "gzip" => Self::Gzip,
            "snappy" => Self::Snappy,
            "lz4" => Self::Lz4,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Its number.
    #[must_use]
    pub const fn id(self) -> i16 {
        self as i16
    }
}

/// How hard each codec tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    /// 1 to 9, −1 for the library's own.
    pub gzip: i32,
    /// Accepted for Kafka's sake; the encoder here has one level.
    pub lz4: i32,
    /// −131072 to 22.
    pub zstd: i32,
}

impl Default for Levels {
    fn default() -> Self {
        Self { gzip: -1, lz4: 9, zstd: 3 }
    }
}

/// What decompression may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes it may produce.
    pub max_bytes: usize,
    /// Bytes it may produce per byte of input.
    pub max_ratio: usize,
}

impl Default for Limits {
    /// 128 MiB. The ratio is generous because runs of one byte are honest data for many users.
    fn default() -> Self {
        Self { max_bytes: 128 << 20, max_ratio: 65_536 }
    }
}

impl Limits {
    /// What a batch a producer sends may decompress to: eight times what it may have compressed (`max.message.bytes`),
    /// within 64 and 128 MiB. Readers of logs take [the most of it](Self::default).
    #[must_use]
    pub fn of_produced(max_message_bytes: usize) -> Self {
        let most = Self::default();
        let max_bytes = max_message_bytes.saturating_mul(8).clamp(most.max_bytes / 2, most.max_bytes);
        Self { max_bytes, ..most }
    }

    fn for_input(&self, length: usize) -> usize {
        self.max_bytes.min(length.saturating_mul(self.max_ratio))
    }
}

/// Why a payload does not decompress.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes are not of this codec.
    #[error("the {0:?} payload is corrupt: {1}")]
    Corrupt(Codec, String),
    /// More than the limit would come out.
    #[error("the {0:?} payload decompresses to more than {1} bytes")]
    TooLarge(Codec, usize),
}

/// Compresses a payload.
#[must_use]
pub fn compress(codec: Codec, payload: &[u8], levels: Levels) -> BytesMut {
    let compressed = match codec {
        Codec::None => return payload.into(),
        Codec::Gzip => gzip(payload, levels.gzip),
        Codec::Snappy => Ok(snappy::compress(payload)),
        Codec::Lz4 => lz4(payload),
        Codec::Zstd => zstd::bulk::compress(payload, levels.zstd),
    };
    // Writing to memory cannot fail; if a codec still refuses, the caller would otherwise send a corrupt batch.
    BytesMut::from(&compressed.expect("compressing into memory cannot fail")[..])
}

fn gzip(payload: &[u8], level: i32) -> std::io::Result<Vec<u8>> {
    let level =
        u32::try_from(level).map_or_else(|_| flate2::Compression::default(), flate2::Compression::new);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(payload)?;
    encoder.finish()
}

fn lz4(payload: &[u8]) -> std::io::Result<Vec<u8>> {
    // Independent blocks without checksums: the frames every client understands (KIP-57).
    let info = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(payload)?;
    encoder.finish().map_err(std::io::Error::other)
}

/// Decompresses a payload within `limits`.
///
/// # Errors
/// The bytes are corrupt, or more would come out than allowed.
pub fn decompress(codec: Codec, payload: &Bytes, limits: &Limits) -> Result<Bytes, CodecError> {
    let limit = limits.for_input(payload.len());
    match codec {
        Codec::None => Ok(payload.clone()),
        Codec::Gzip => bounded(codec, flate2::read::MultiGzDecoder::new(&payload[..]), limit),
        Codec::Snappy => snappy::decompress(payload, limit),
        Codec::Lz4 => {
            check_lz4_frame(payload)?;
            bounded(codec, lz4_flex::frame::FrameDecoder::new(&payload[..]), limit)
        }
        Codec::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(&payload[..])
                .map_err(|error| CodecError::Corrupt(codec, error.to_string()))?;
            // 2^27 is what Kafka's own decoder takes; memory is allocated as frames ask, bounded by this.
            decoder.window_log_max(27).map_err(|error| CodecError::Corrupt(codec, error.to_string()))?;
            bounded(codec, decoder, limit)
        }
    }
}

/// Refuses what Kafka refuses: legacy frames, for which the decoder would take 16 MiB before it has read a block, and blocks
/// that depend on one another, which Java consumers cannot read.
fn check_lz4_frame(payload: &[u8]) -> Result<(), CodecError> {
    const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
    const INDEPENDENT: u8 = 1 << 5;
    let why = match payload.split_first_chunk() {
        Some((&MAGIC, [flags, ..])) if flags & INDEPENDENT == 0 => "its blocks depend on one another",
        Some((&MAGIC, _)) => return Ok(()),
        _ => "it does not begin as an LZ4 frame",
    };
    Err(CodecError::Corrupt(Codec::Lz4, why.to_owned()))
}

/// Reads at most `limit` bytes, growing as they come.
fn bounded(codec: Codec, reader: impl Read, limit: usize) -> Result<Bytes, CodecError> {
    let mut out = Vec::new();
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut out)
        .map_err(|error| CodecError::Corrupt(codec, error.to_string()))?;
    if out.len() > limit {
        return Err(CodecError::TooLarge(codec, limit));
    }
    Ok(out.into())
}
