//! The only door to files: real, simulated and recording implementations.
//!
//! Everything above speaks to [`Disk`] and [`File`]; what happens at a crash is therefore a property of this crate and
//! can be enumerated. [`RealDisk`] is the operating system, [`SimDisk`] a disk in memory that knows which writes and which
//! names were synced and can lose the others, that fails when told to, and that writes down every change so that a test
//! can stop the world after any of them.

mod atomic;
mod real;
mod sim;
mod whole;
mod writeback;

use std::{fmt, io, os::fd::BorrowedFd, path::Path, sync::Arc};

pub use atomic::{create_dir_durably, read, write_atomic};
pub use real::RealDisk;
pub use sim::{Crash, Fault, Replay, SimDisk, Trouble};

/// An open file. Positions are given with every call, so one handle serves any number of readers.
pub trait File: fmt::Debug + Send + Sync {
    /// Fills `buffer` from `offset` on; returns fewer bytes only at the end of the file.
    ///
    /// # Errors
    /// As the operating system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// As [`read_at`](Self::read_at), but only what is in memory already: `None` where the disk would have to be waited
    /// for. A disk that cannot tell waits.
    ///
    /// # Errors
    /// As the operating system says.
    fn read_cached(&self, buffer: &mut [u8], offset: u64) -> io::Result<Option<usize>> {
        self.read_at(buffer, offset).map(Some)
    }

    /// The descriptor, for sending from the file without a copy; `None` for a file that is not the system's.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    /// Writes all parts one behind the other from `offset` on.
    ///
    /// # Errors
    /// As the operating system says; some of the bytes may have been written.
    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()>;

    /// Bytes in the file.
    ///
    /// # Errors
    /// As the operating system says.
    fn len(&self) -> io::Result<u64>;

    /// True for an empty file.
    ///
    /// # Errors
    /// As the operating system says.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Cuts the file, or lengthens it with zeros.
    ///
    /// # Errors
    /// As the operating system says.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// Asks for blocks for `length` bytes from `offset` on, beyond the end of the file, which stays where it is. Writes there are as
    /// before, but their sync need not look for space any more. [`set_len`](Self::set_len) gives back what is left. A wish: a
    /// file system that does not know it does nothing.
    ///
    /// # Errors
    /// As the operating system says; nothing has changed.
    fn reserve(&self, _offset: u64, _length: u64) -> io::Result<()> {
        Ok(())
    }

    /// Asks the system to begin writing `length` bytes from `offset` on to the disk, without waiting until they are there: a
    /// later sync has less to do, and nobody has to wait because too much stands in memory. Says nothing about what is
    /// durable. May wait for a device that is busy. A wish: a system that does not know it does nothing.
    ///
    /// # Errors
    /// As the operating system says; as after a failed [`sync`](Self::sync) the state of the file is unknown.
    fn start_writing(&self, _offset: u64, _length: u64) -> io::Result<()> {
        Ok(())
    }

    /// Returns once everything written is on the disk. After an error the state of the file is unknown and it must not
    /// be tried again: the kernel has marked the lost pages clean.
    ///
    /// # Errors
    /// As the operating system says.
    fn sync(&self) -> io::Result<()>;
}

/// What stands in a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Whether it is a directory.
    pub is_dir: bool,
}

/// Bytes of the file system a directory lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// In all.
    pub total: u64,
    /// That may still be used.
    pub usable: u64,
}

/// A file system.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// As the operating system says; `NotFound` when there is none.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Opens a file for reading and writing, making it if there is none.
    ///
    /// # Errors
    /// As the operating system says.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Makes a directory and those above it.
    ///
    /// # Errors
    /// As the operating system says.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// What stands in a directory, in no order.
    ///
    /// # Errors
    /// As the operating system says.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;

    /// Whether there is something.
    fn exists(&self, path: &Path) -> bool;

    /// Renames, replacing what stands there.
    ///
    /// # Errors
    /// As the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with everything in it.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Returns once the directory's entries are on the disk: after creating, renaming or removing.
    ///
    /// # Errors
    /// As the operating system says.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Takes a lock that other processes respect; it is held until the returned file is dropped.
    ///
    /// # Errors
    /// `WouldBlock` when another process holds it.
    fn lock(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// How much room there is.
    ///
    /// # Errors
    /// As the operating system says.
    fn space(&self, path: &Path) -> io::Result<Space>;

    /// The name of this life of the machine, another one after each start of it; `None` where nobody can tell. What was
    /// written in an earlier life and not synced may be lost.
    fn life(&self) -> Option<String> {
        None
    }
}
