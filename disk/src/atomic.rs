use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use ottla_mutant::mutant;

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
    let in_place = mutant!("checkpoint_without_rename");
    let temporary = if in_place { path } else { Path::new(&name) };
    let file = disk.create(temporary)?;
    file.set_len(0)?;
    file.write_at(&[content], 0)?;
    if !mutant!("checkpoint_without_sync") {
        file.sync()?;
    }
    if !in_place {
        disk.rename(temporary, path)?;
    }
    match path.parent() {
        Some(parent) if !mutant!("checkpoint_without_dir_sync") => disk.sync_dir(parent),
        _ => Ok(()),
    }
}

/// Makes a directory and those above it, and returns once their names are on the disk.
///
/// # Errors
/// As the operating system says.
pub fn create_dir_durably(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let made: Vec<PathBuf> = path
        .ancestors()
        .take_while(|at| !at.as_os_str().is_empty() && !disk.exists(at))
        .map(Path::to_owned)
        .collect();
    disk.create_dir_all(path)?;
    for new in made {
        let parent = new.parent().filter(|parent| !parent.as_os_str().is_empty());
        disk.sync_dir(parent.unwrap_or_else(|| Path::new(".")))?;
    }
    Ok(())
}
