use bytes::Bytes;

/// Record batches inside a message: shared slices that are sent one after another without being joined.
///
/// The codec does not look inside; `ottla-records` does.
#[derive(Debug, Clone, Default)]
pub struct Records {
    chunks: Vec<Bytes>,
}

impl Records {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Bytes::len).sum()
    }

    /// True when there is not a byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.iter().all(Bytes::is_empty)
    }

    /// The slices in order.
    #[must_use]
    pub fn chunks(&self) -> &[Bytes] {
        &self.chunks
    }

    /// As one slice; copies only when there are several.
    #[must_use]
    pub fn into_contiguous(mut self) -> Bytes {
        match self.chunks.len() {
            0 => Bytes::new(),
            1 => self.chunks.swap_remove(0),
            _ => self.chunks.concat().into(),
        }
    }
}

/// Two are equal when their bytes are, however they are cut.
impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.chunks.iter().flatten().zip(other.chunks.iter().flatten()).all(|(a, b)| a == b)
    }
}

impl Eq for Records {}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self { chunks: vec![bytes] }
    }
}

impl From<Vec<Bytes>> for Records {
    fn from(chunks: Vec<Bytes>) -> Self {
        Self { chunks }
    }
}
