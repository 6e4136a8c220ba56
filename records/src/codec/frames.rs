//! What shows of a compressed payload without decompressing it.

use super::{Codec, Limits, check_lz4_frame, snappy};

/// Whether `payload` is one whole frame of its codec that cannot decompress to more than `limits`: its blocks follow one another and
/// the last one ends where the payload does. Of gzip, which has no blocks with lengths, only the two ends are looked at.
///
/// `false` says nothing but that somebody has to look closer.
#[must_use]
pub fn is_whole(codec: Codec, payload: &[u8], limits: &Limits) -> bool {
    let most = match codec {
        Codec::None => Some(payload.len()),
        Codec::Gzip => gzip(payload),
        Codec::Snappy => snappy::decompressed_size(payload),
        Codec::Lz4 => lz4(payload),
        Codec::Zstd => zstd(payload),
    };
    most.is_some_and(|most| most <= limits.for_input(payload.len()))
}

/// What may be read next. Each read takes it from the front.
struct Front<'a>(&'a [u8]);

impl Front<'_> {
    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    /// A number of so many bytes, at most four, the lowest first.
    fn number<const BYTES: usize>(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk::<BYTES>()?;
        self.0 = rest;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// The given value, if nothing is left.
    fn end<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

/// Bytes a gzip member (RFC 1952) says it holds.
fn gzip(payload: &[u8]) -> Option<usize> {
    const HEADER: usize = 10;
    const TRAILER: usize = 8;
    if !payload.starts_with(&[0x1f, 0x8b, 8]) || payload.len() <= HEADER + TRAILER {
        return None;
    }
    payload.last_chunk().map(|size| u32::from_le_bytes(*size) as usize)
}

/// The most an LZ4 frame (LZ4 Frame Format 1.6.1) holds.
fn lz4(payload: &[u8]) -> Option<usize> {
    const UNCOMPRESSED: u32 = 1 << 31;
    check_lz4_frame(payload).ok()?;
    let mut front = Front(payload);
    front.skip(4)?;
    let (flags, sizes) = (front.number::<1>()?, front.number::<1>()?);
    let if_set = |bit: u32, bytes: usize| if flags >> bit & 1 == 1 { bytes } else { 0 };
    // 64 KiB, 256 KiB, 1 MiB or 4 MiB.
    let largest = match sizes >> 4 & 7 {
        size @ 4.. => 1_usize << (8 + 2 * size),
        _ => return None,
    };
    let (version, dictionary) = (flags >> 6, if_set(0, 4));
    if version != 1 || dictionary > 0 {
        return None;
    }
    let (block_checksum, content_size, content_checksum) = (if_set(4, 4), if_set(3, 8), if_set(2, 4));
    front.skip(content_size + 1)?;
    let mut most = 0;
    loop {
        let size = front.number::<4>()?;
        if size == 0 {
            front.skip(content_checksum)?;
            return front.end(most);
        }
        let length = (size & !UNCOMPRESSED) as usize;
        front.skip(length + block_checksum)?;
        most += if size & UNCOMPRESSED == 0 { largest } else { length };
    }
}

/// The most a zstd frame (RFC 8878) holds.
fn zstd(payload: &[u8]) -> Option<usize> {
    const MAGIC: u32 = 0xfd2f_b528;
    const LARGEST_BLOCK: usize = 128 << 10;
    /// 128 MiB, what Kafka's decoder takes: its exponent over that of a kilobyte.
    const LARGEST_WINDOW: u32 = 27 - 10;
    let mut front = Front(payload);
    if front.number::<4>()? != MAGIC {
        return None;
    }
    let descriptor = front.number::<1>()?;
    let single_segment = descriptor >> 5 & 1 == 1;
    if !single_segment && front.number::<1>()? >> 3 > LARGEST_WINDOW {
        return None;
    }
    let has_dictionary = descriptor & 3 != 0;
    if has_dictionary {
        return None;
    }
    front.skip([usize::from(single_segment), 2, 4, 8][(descriptor >> 6) as usize])?;
    let mut most = 0;
    loop {
        let block = front.number::<3>()?;
        let (last, kind, size) = (block & 1 == 1, block >> 1 & 3, (block >> 3) as usize);
        let (length, holds) = match kind {
            0 => (size, size),
            1 => (1, size),
            2 => (size, LARGEST_BLOCK),
            _ => return None,
        };
        front.skip(length)?;
        most += holds;
        if last {
            front.skip(if descriptor >> 2 & 1 == 1 { 4 } else { 0 })?;
            return front.end(most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Levels, compress};

    const CODECS: [Codec; 4] = [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    fn frame(codec: Codec) -> Vec<u8> {
        let payload: Vec<u8> = (0..200_000_u32).flat_map(|n| (n / 3).to_le_bytes()).collect();
        compress(codec, &payload, Levels::default()).to_vec()
    }

    fn is_whole(codec: Codec, payload: &[u8]) -> bool {
        super::is_whole(codec, payload, &Limits::default())
    }

    #[test]
    fn a_frame_is_whole_and_one_with_a_byte_more_is_not() {
        for codec in CODECS {
            let mut frame = frame(codec);
            assert!(is_whole(codec, &frame), "{codec:?}");
            frame.push(0);
            assert_eq!(is_whole(codec, &frame), codec == Codec::Gzip, "{codec:?}");
        }
    }

    #[test]
    fn a_frame_that_ends_early_is_not_whole() {
        for codec in [Codec::Snappy, Codec::Lz4, Codec::Zstd] {
            let frame = frame(codec);
            for length in (0..frame.len()).step_by(997).chain(frame.len() - 20..frame.len()) {
                assert!(!is_whole(codec, &frame[..length]), "{codec:?} {length}");
            }
        }
    }

    #[test]
    fn what_is_of_another_codec_is_not_whole() {
        for codec in CODECS {
            for other in CODECS.into_iter().filter(|other| *other != codec) {
                assert!(!is_whole(codec, &frame(other)), "{other:?} as {codec:?}");
            }
        }
    }

    #[test]
    fn a_window_no_decoder_takes_is_not_whole() {
        // One raw block of one byte, in a window of 128 MiB and of 256.
        let frame = |exponent: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3, 9, 0, 0, b'x'];
        assert!(is_whole(Codec::Zstd, &frame(17)));
        assert!(!is_whole(Codec::Zstd, &frame(18)));
    }

    #[test]
    fn what_holds_more_than_is_allowed_is_not_whole() {
        let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
        for codec in CODECS {
            for (megabytes, allowed) in [(1, true), (3, false)] {
                let frame = compress(codec, &vec![7; megabytes << 20], Levels::default());
                assert_eq!(super::is_whole(codec, &frame, &limits), allowed, "{megabytes} MiB in {codec:?}");
            }
        }
    }
}
