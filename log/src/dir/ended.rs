//! How the last run of a data directory ended.
//!
//! A killed process leaves in the system's memory what it has written. A machine that goes down takes with it what no flush has
//! covered, some of it or all, in any order. So the lock file holds the name of the machine's life in which the
//! directory was written: one that differs from today's means that the machine went down in between.

use std::{io, path::Path};

use ottla_disk::{Disk, File};

use crate::failure;

/// How the last run of a data directory ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was stopped, and everything is on the disk.
    Cleanly,
    /// The process ended and the system went on: everything that was written is there. Also where nobody can tell.
    Killed,
    /// The machine went down: of what no flush has covered, any part may be there.
    PowerCut,
}

/// More than the name of any life.
const MOST: usize = 256;

/// The life of the machine the lock file speaks of.
fn noted(lock: &dyn File) -> io::Result<String> {
    let mut bytes = [0; MOST];
    let length = lock.read_at(&mut bytes, 0)?;
    Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
}

/// How an unclean run ended, by what its lock file says and how the machine's life is called today.
pub(super) fn uncleanly(lock: &dyn File, today: Option<&str>) -> io::Result<Ended> {
    let then = noted(lock)?;
    let is_another = today.is_some_and(|today| !then.is_empty() && then != today);
    Ok(if is_another { Ended::PowerCut } else { Ended::Killed })
}

/// From now on the directory is written in today's life. On the disk before any record, as a power cut must find it.
pub(super) fn note(disk: &dyn Disk, dir: &Path, lock: &dyn File, today: &str) -> io::Result<()> {
    if noted(lock)? == today {
        return Ok(());
    }
    // One write where there was nothing: a kill in between must not leave the name of no life.
    let noted = lock.write_at(&[today.as_bytes()], 0).and_then(|()| lock.set_len(today.len() as u64));
    match noted {
        Ok(()) => lock.sync().and_then(|()| disk.sync_dir(dir)),
        // Without room nobody can tell next time.
        Err(error) if failure::passes(&error) => lock.set_len(0),
        Err(error) => Err(error),
    }
}
