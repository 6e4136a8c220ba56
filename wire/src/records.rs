use std::{io, os::fd::BorrowedFd, sync::Arc};

use bytes::Bytes;
use smallvec::{SmallVec, smallvec};

/// Pieces one behind the other: one, nearly always.
pub(crate) type Segments = SmallVec<[Chunk; 1]>;

/// Record batches inside a message: shared slices and file ranges that are sent one after another without being joined.
///
/// The codec does not look inside; `ottla-records` does. What was decoded is always in memory; only what is to be sent may
/// lie in a file.
#[derive(Debug, Clone, Default)]
pub struct Records {
    chunks: Segments,
}

/// A piece of a message that is not copied into it.
#[derive(Debug, Clone)]
pub enum Chunk {
    /// Shared with whoever keeps it.
    Memory(Bytes),
    /// Sent from where it lies.
    File(FileRange),
}

/// Bytes of a file that nobody changes while they are sent.
#[derive(Debug, Clone)]
pub struct FileRange {
    /// Where they lie.
    pub file: Arc<dyn RecordFile>,
    /// Position of the first byte.
    pub position: u64,
    /// Bytes.
    pub length: usize,
}

/// A file as the socket wants it.
pub trait RecordFile: std::fmt::Debug + Send + Sync {
    /// Fills `buffer` from `position` on; fewer bytes only at the end of the file. May wait for the disk.
    ///
    /// # Errors
    /// As the operating system says.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Whether these bytes are in memory already, as far as that can be known cheaply.
    fn is_cached(&self, position: u64, length: usize) -> bool;

    /// The descriptor, for sending without a copy; `None` where there is none.
    fn descriptor(&self) -> Option<BorrowedFd<'_>>;
}

impl Chunk {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File(range) => range.length,
        }
    }

    /// True when there is not a byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, if they are in memory.
    #[must_use]
    pub fn memory(&self) -> Option<&Bytes> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::File(_) => None,
        }
    }

    fn into_memory(self) -> Option<Bytes> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::File(_) => None,
        }
    }
}

impl Records {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Chunk::len).sum()
    }

    /// True when there is not a byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.iter().all(Chunk::is_empty)
    }

    pub(crate) fn of(chunks: Segments) -> Self {
        Self { chunks }
    }

    /// The pieces in order.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// What is in memory, as one slice; copies only when there are several. After decoding that is everything.
    #[must_use]
    pub fn into_memory(self) -> Bytes {
        let mut pieces: SmallVec<[Bytes; 1]> =
            self.chunks.into_iter().filter_map(Chunk::into_memory).collect();
        match pieces.len() {
            0 => Bytes::new(),
            1 => pieces.swap_remove(0),
            _ => pieces.concat().into(),
        }
    }

    fn bytes(&self) -> impl Iterator<Item = &u8> {
        self.chunks.iter().filter_map(Chunk::memory).flatten()
    }
}

/// Two are equal when their bytes are, however they are cut. Those that lie in files are compared by length only: nobody
/// compares messages that are on their way to a socket.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.bytes().eq(other.bytes())
    }
}

impl Eq for Records {}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self { chunks: smallvec![Chunk::Memory(bytes)] }
    }
}

impl From<Vec<Bytes>> for Records {
    fn from(pieces: Vec<Bytes>) -> Self {
        Self { chunks: pieces.into_iter().map(Chunk::Memory).collect() }
    }
}

impl From<FileRange> for Records {
    fn from(range: FileRange) -> Self {
        Self { chunks: smallvec![Chunk::File(range)] }
    }
}
