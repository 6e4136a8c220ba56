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

/// Writes all `parts` with calls of `write` (of the parts that are left, at an offset).
pub(crate) fn write(
    parts: &[&[u8]],
    offset: u64,
    mut write: impl FnMut(&[io::IoSlice<'_>], u64) -> io::Result<usize>,
) -> io::Result<()> {
    let mut slices: Vec<io::IoSlice<'_>> = parts.iter().map(|part| io::IoSlice::new(part)).collect();
    let mut left: usize = parts.iter().map(|part| part.len()).sum();
    let mut slices = &mut slices[..];
    let mut at = offset;
    while left > 0 {
        match write(slices, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(_) if mutant!("short_write_taken_for_whole") => return Ok(()),
            Ok(written) => {
                io::IoSlice::advance_slices(&mut slices, written);
                left -= written;
                at += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
