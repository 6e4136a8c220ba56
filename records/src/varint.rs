//! The zigzag varints inside records.

use bytes::BufMut;

/// Reads a varlong of at most ten bytes and advances; `None` when the bytes end or it does not.
#[inline(always)]
pub(crate) fn read_long(bytes: &mut &[u8]) -> Option<i64> {
    match **bytes {
        [byte @ 0..0x80, ref rest @ ..] => {
            *bytes = rest;
            Some(unzigzag(byte.into()))
        }
        [low, high @ 0..0x80, ref rest @ ..] => {
            *bytes = rest;
            Some(unzigzag(u64::from(low & 0x7f) | u64::from(high) << 7))
        }
        [low, middle @ 0x80..=0xff, high @ 0..0x80, ref rest @ ..] => {
            *bytes = rest;
            let (low, middle) = (u64::from(low & 0x7f), u64::from(middle & 0x7f));
            Some(unzigzag(low | middle << 7 | u64::from(high) << 14))
        }
        _ => read_any(bytes),
    }
}

/// A varint of at most three bytes at the beginning of eight, and how many it takes; `None` when it is longer.
#[inline(always)]
pub(crate) const fn of_word(word: u64) -> Option<(i64, usize)> {
    if word & 0x80 == 0 {
        Some((unzigzag(word & 0x7f), 1))
    } else if word & 0x8000 == 0 {
        Some((unzigzag(word & 0x7f | (word >> 1) & 0x3f80), 2))
    } else if word & 0x80_0000 == 0 {
        Some((unzigzag(word & 0x7f | (word >> 1) & 0x3f80 | (word >> 2) & 0x1f_c000), 3))
    } else {
        None
    }
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// One of any length: those of four bytes and more, which are rare in records.
#[cold]
fn read_any(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Some(unzigzag(value));
        }
    }
    None
}

/// Reads a varint of at most five bytes and advances.
#[inline(always)]
pub(crate) fn read_int(bytes: &mut &[u8]) -> Option<i32> {
    let before = bytes.len();
    let value = read_long(bytes)?;
    if before - bytes.len() > 5 {
        return None;
    }
    i32::try_from(value).ok()
}

pub(crate) fn write_long(out: &mut impl BufMut, value: i64) {
    let mut value = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while value >= 0x80 {
        out.put_u8((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// Bytes `value` takes.
pub(crate) fn size(value: i64) -> usize {
    let value = ((value << 1) ^ (value >> 63)).cast_unsigned();
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_there_and_back() {
        for value in [0, -1, 1, 63, 64, -64, -65, i64::from(i32::MAX), i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            write_long(&mut out, value);
            assert_eq!(out.len(), size(value), "{value}");
            assert_eq!(read_long(&mut out.as_slice()), Some(value));
        }
        assert_eq!(read_long(&mut [0xff_u8; 11].as_slice()), None);
        assert_eq!(read_int(&mut [0xff_u8, 0xff, 0xff, 0xff, 0xff, 0x01].as_slice()), None);
    }
}
