//! Failures of the disk that pass by themselves, and those that do not.

use std::io;

/// "File table overflow" and "too many open files" on Linux and the BSDs.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

/// There is no room: later there may be.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// No file can be opened at the moment.
pub(crate) fn is_no_descriptor(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

/// Nothing is broken; the same may work later.
pub(crate) fn passes(error: &io::Error) -> bool {
    is_full(error) || is_no_descriptor(error)
}
