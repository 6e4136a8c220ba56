//! What a power failure does to a file system: it stops at once, and what was not flushed is gone.

use std::{fs::File, io, path::Path};

use rustix::ioctl::{Setter, ioctl};

/// `FS_IOC_SHUTDOWN`, `_IOR('X', 125, u32)`: ext4 and XFS know it.
const FS_IOC_SHUTDOWN: u32 = 0x8004_587d;
/// Without flushing the journal; 0 and 1 would flush it, which no power failure does.
const NO_LOG_FLUSH: u32 = 2;

/// Shuts the file system mounted at `mount` down. From here on everything on it fails; mounting it anew replays its
/// journal.
///
/// # Errors
/// The file system does not know the call, or this process may not.
pub(crate) fn power_cut(mount: &Path) -> io::Result<()> {
    let at = File::open(mount)?;
    // SAFETY: the call reads one u32, which is what is passed; it keeps no pointer.
    #[allow(unsafe_code, reason = "an ioctl that no crate wraps; tests only")]
    unsafe {
        ioctl(&at, Setter::<FS_IOC_SHUTDOWN, u32>::new(NO_LOG_FLUSH))?;
    }
    Ok(())
}
