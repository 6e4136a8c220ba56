//! `sync_file_range(2)`: the system may begin to write pages, nobody waits for them.

use std::{fs::File, io, os::fd::AsRawFd};

pub(crate) fn start(file: &File, offset: u64, length: u64) -> io::Result<()> {
    let (Ok(offset), Ok(length)) = (i64::try_from(offset), i64::try_from(length)) else { return Ok(()) };
    // SAFETY: no memory is handed over, and the descriptor stays open as long as `file` is borrowed.
    #[expect(unsafe_code, reason = "no crate in use has a safe name for this call")]
    let answer =
        unsafe { libc::sync_file_range(file.as_raw_fd(), offset, length, libc::SYNC_FILE_RANGE_WRITE) };
    if answer == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if is_only_a_wish_denied(&error) { Ok(()) } else { Err(error) }
}

/// Nothing was begun, and nothing is wrong with the file: a system, a sandbox or a file system without the call, a signal.
fn is_only_a_wish_denied(error: &io::Error) -> bool {
    const DENIED: [i32; 7] =
        [libc::EINTR, libc::EINVAL, libc::ENOMEM, libc::ENOSYS, libc::EOPNOTSUPP, libc::EPERM, libc::ESPIPE];
    error.raw_os_error().is_some_and(|code| DENIED.contains(&code))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_cannot_be_written_back_is_no_failure() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        writer.write_all(b"x").expect("room for a byte");
        drop(writer);
        let pipe = File::from(std::os::fd::OwnedFd::from(reader));
        start(&pipe, 0, 1).expect("a wish that is denied");
    }

    #[test]
    fn a_file_is_written_back_and_stays_as_it_is() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&[7; 10_000]).expect("room");
        start(&file, 0, 8192).expect("a sound disk");
        start(&file, 8192, 1 << 40).expect("what is beyond the end is nothing");
        assert_eq!(file.metadata().expect("an open file").len(), 10_000);
    }
}
