//! The operating system may read and write less than asked, or be interrupted: these go on until it is done.

use std::io;

use ottla_mutant::mutant;

/// Fills `buffer` with calls of `read` (into a buffer, from an offset); fewer bytes only at the end of the file.
pub(crate) fn read(
    buffer: &mut [u8],
    offset: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match read(&mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(more) => {
                done += more;
                if mutant!("short_read_taken_for_the_end") {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// The most parts one call takes: an append is a header and its payload.
const MAX_PARTS: usize = 8;

/// Writes all `parts` with calls of `write` (of the parts that are left, at an offset).
pub(crate) fn write(
    parts: &[&[u8]],
    mut offset: u64,
    mut write: impl FnMut(&[io::IoSlice<'_>], u64) -> io::Result<usize>,
) -> io::Result<()> {
    for some in parts.chunks(MAX_PARTS) {
        let mut slices = [io::IoSlice::new(&[]); MAX_PARTS];
        for (slice, part) in slices.iter_mut().zip(some) {
            *slice = io::IoSlice::new(part);
        }
        offset = write_some(&mut slices[..some.len()], offset, &mut write)?;
    }
    Ok(())
}

/// Answers where it has ended.
fn write_some(
    mut slices: &mut [io::IoSlice<'_>],
    mut at: u64,
    write: &mut impl FnMut(&[io::IoSlice<'_>], u64) -> io::Result<usize>,
) -> io::Result<u64> {
    let mut left: usize = slices.iter().map(|slice| slice.len()).sum();
    while left > 0 {
        match write(slices, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(_) if mutant!("short_write_taken_for_whole") => return Ok(at + left as u64),
            Ok(written) => {
                io::IoSlice::advance_slices(&mut slices, written);
                left -= written;
                at += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes up to seven bytes of a call, and answers it that many.
    fn write_seven(into: &mut Vec<u8>, slices: &[io::IoSlice<'_>], at: u64) -> io::Result<usize> {
        assert!(slices.len() <= MAX_PARTS && at == into.len() as u64, "{} parts at {at}", slices.len());
        let some: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(7).collect();
        into.extend(&some);
        Ok(some.len())
    }

    #[test]
    fn any_number_of_parts_is_written_by_any_number_of_calls() {
        let parts: Vec<Vec<u8>> = (0..40_u8).map(|at| vec![at; usize::from(at % 6)]).collect();
        for count in [0, 1, 2, MAX_PARTS, MAX_PARTS + 1, 40] {
            let parts: Vec<&[u8]> = parts[..count].iter().map(Vec::as_slice).collect();
            let mut written = Vec::new();
            write(&parts, 0, |slices, at| write_seven(&mut written, slices, at)).expect("a sound disk");
            assert_eq!(written, parts.concat());
        }
    }
}
