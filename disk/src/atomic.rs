use std::{ffi::OsString, io, path::Path};

use crate::Disk;

/// The whole content of a small file.
///
/// # Errors
/// As the operating system says.
pub fn read(disk: &dyn Disk, path: &Path) -> io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let length = usize::try_from(file.len()?).map_err(io::Error::other)?;
    let mut content = vec![0; length];
    let read = file.read_at(&mut content, 0)?;
    content.truncate(read);
    Ok(content)
}

/// Replaces a small file so that a crash leaves the old content or the new one: temporary file, sync, rename, sync of
/// the directory.
///
/// # Errors
/// As the operating system says; the old content stands.
pub fn write_atomic(disk: &dyn Disk, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = OsString::from(path);
    name.push(".tmp");
    let temporary = Path::new(&name);
    let file = disk.create(temporary)?;
    file.set_len(0)?;
    file.write_at(&[content], 0)?;
    file.sync()?;
    disk.rename(temporary, path)?;
    match path.parent() {
        Some(parent) => disk.sync_dir(parent),
        None => Ok(()),
    }
}
