//! Snappy as Kafka's Java client frames it (xerial): a 16-byte header, then blocks with a length each.

use bytes::Bytes;

use super::{Codec, CodecError};

/// Magic, then version 1 and lowest compatible version 1.
const HEADER: [u8; 16] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];
const MAGIC_LEN: usize = 8;
const BLOCK: usize = 32 * 1024;

pub(super) fn compress(payload: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    let mut encoder = snap::raw::Encoder::new();
    let mut block = vec![0; snap::raw::max_compress_len(BLOCK)];
    for chunk in payload.chunks(BLOCK) {
        // The block buffer has the largest size a chunk can need.
        let length = encoder.compress(chunk, &mut block).expect("the buffer is large enough");
        out.extend_from_slice(&(length as u32).to_be_bytes());
        out.extend_from_slice(&block[..length]);
    }
    out
}

pub(super) fn decompress(payload: &[u8], limit: usize) -> Result<Bytes, CodecError> {
    let mut out = Vec::new();
    let Some(mut rest) = blocks(payload) else {
        block(payload, &mut out, limit)?;
        return Ok(out.into());
    };
    while !rest.is_empty() {
        block(next(&mut rest).ok_or_else(|| corrupt("a block ends early"))?, &mut out, limit)?;
    }
    Ok(out.into())
}

/// Bytes that xerial's blocks say they hold, if they follow one another to the very end.
pub(super) fn decompressed_size(payload: &[u8]) -> Option<usize> {
    let mut rest = blocks(payload)?;
    let mut size = 0;
    while !rest.is_empty() {
        size += stated_size(next(&mut rest)?).ok()?;
    }
    Some(size)
}

/// What follows xerial's header; `None` where there is none.
fn blocks(payload: &[u8]) -> Option<&[u8]> {
    (payload.len() >= HEADER.len() && payload[..MAGIC_LEN] == HEADER[..MAGIC_LEN])
        .then(|| &payload[HEADER.len()..])
}

/// The block at the front, which then is gone.
fn next<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk()?;
    let (block, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(block)
}

/// One block; its stated size is checked before anything is allocated.
fn block(chunk: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), CodecError> {
    let stated = stated_size(chunk)?;
    let start = out.len();
    if stated > limit.saturating_sub(start) {
        return Err(CodecError::TooLarge(Codec::Snappy, limit));
    }
    out.resize(start + stated, 0);
    snap::raw::Decoder::new()
        .decompress(chunk, &mut out[start..])
        .map(|_| ())
        .map_err(|error| corrupt(&error.to_string()))
}

/// What a block says it holds.
fn stated_size(chunk: &[u8]) -> Result<usize, CodecError> {
    let stated = snap::raw::decompress_len(chunk).map_err(|error| corrupt(&error.to_string()))?;
    // A byte of snappy makes at most 64: more than that is a lie in the header.
    if stated > chunk.len().saturating_mul(64) {
        return Err(corrupt("a block states an impossible length"));
    }
    Ok(stated)
}

fn corrupt(why: &str) -> CodecError {
    CodecError::Corrupt(Codec::Snappy, why.to_owned())
}
