use bytes::{Bytes, BytesMut};

/// Why the metadata log was not written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// It failed. Fatal to the node: nobody else has what this one has not flushed.
    #[error("the metadata log failed: {0}")]
    Failed(String),
    /// There is no room, on the disk or among the open files; nothing was written, and it may work again later.
    #[error("the metadata log takes nothing at the moment: {0}")]
    NoRoom(String),
}

/// What the shell needs from the log of `__cluster_metadata-0`. Calls block for as long as the disk takes.
pub trait MetadataLog: Send + Sync + 'static {
    /// Offset of the first record kept, and the offset after the last.
    fn bounds(&self) -> (i64, i64);

    /// Bytes of the files.
    fn size(&self) -> u64;

    /// Leader epoch of the last batch; 0 for an empty log.
    fn last_epoch(&self) -> i32;

    /// Whole batches, beginning with the one that holds `offset`; empty at the end of the log.
    ///
    /// # Errors
    /// The disk failed.
    fn read(&self, offset: i64) -> Result<Bytes, JournalError>;

    /// Appends one batch with this leader epoch; says the offset after its last record. Not yet flushed.
    ///
    /// # Errors
    /// The disk failed.
    fn append(&self, batch: BytesMut, epoch: i32) -> Result<i64, JournalError>;

    /// Returns once everything appended before the call is on the disk.
    ///
    /// # Errors
    /// The disk failed; what is on it is unknown.
    fn flush(&self) -> Result<(), JournalError>;

    /// Forgets what lies before `offset`; whole files go, the rest stays invisible. When the log ends before `offset`
    /// it becomes empty and goes on there.
    ///
    /// # Errors
    /// The disk failed.
    fn start_at(&self, offset: i64) -> Result<(), JournalError>;
}
