//! Batches of a log on their way to a socket.

use std::{io, os::fd::BorrowedFd, sync::Arc};

use ottla_disk::File;
use ottla_log::Stored;
use ottla_wire::{FileRange, RecordFile, Records};

/// A segment as a message wants it.
#[derive(Debug)]
struct Segment(Arc<dyn File>);

/// Pages looked at to tell whether a range is in memory: read-ahead fills what lies between.
const PROBE_EVERY: u64 = 256 << 10;

impl RecordFile for Segment {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buffer, position)
    }

    fn is_cached(&self, position: u64, length: usize) -> bool {
        let Some(last) = (length as u64).checked_sub(1) else { return true };
        let mut probes = (0..length as u64).step_by(PROBE_EVERY as usize).chain([last]);
        probes.all(|at| !matches!(self.0.read_cached(&mut [0], position + at), Ok(None)))
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.0.descriptor()
    }
}

/// As records of a response.
pub(crate) fn records(stored: Stored) -> Records {
    match stored {
        Stored::Memory(bytes) => bytes.into(),
        Stored::File { file, position, length } => {
            FileRange { file: Arc::new(Segment(file)), position, length }.into()
        }
    }
}
