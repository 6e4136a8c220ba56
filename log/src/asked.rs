//! A file for tests that remembers what was asked of it.

use std::io;

use ottla_disk::File;
use parking_lot::Mutex;

/// Holds nothing. Remembers the ranges (offset, length) it was asked to reserve or to begin with, and refuses one.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) ranges: Mutex<Vec<(u64, u64)>>,
    /// Asked for what begins here, it fails.
    pub(crate) fails_at: Option<u64>,
}

impl Asked {
    fn ask(&self, offset: u64, length: u64) -> io::Result<()> {
        self.ranges.lock().push((offset, length));
        if self.fails_at == Some(offset) { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    }
}

impl File for Asked {
    fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        Ok(0)
    }
    fn write_at(&self, _: &[&[u8]], _: u64) -> io::Result<()> {
        Ok(())
    }
    fn len(&self) -> io::Result<u64> {
        Ok(0)
    }
    fn set_len(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    fn reserve(&self, offset: u64, length: u64) -> io::Result<()> {
        self.ask(offset, length)
    }
    fn start_writing(&self, offset: u64, length: u64) -> io::Result<()> {
        self.ask(offset, length)
    }
}
