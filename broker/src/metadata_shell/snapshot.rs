use super::{
    dir::{DirError, MetadataDir, SnapshotId},
    format::voters_record,
    journal::{JournalError, MetadataLog},
    shell::MetadataShell,
};
use ottla_metadata::{Checkpoint, Image};
use std::sync::Arc;

/// When snapshots are written, and how much of the metadata's past stays: the newest snapshot and the log behind it do
/// always.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotPolicy {
    /// Bytes of log after which one is written (`metadata.log.max.record.bytes.between.snapshots`).
    pub every_bytes: u64,
    /// `metadata.max.retention.bytes`, of the log and its snapshots together; negative is no limit.
    pub retention_bytes: i64,
    /// `metadata.max.retention.ms`; negative is for ever.
    pub retention_ms: i64,
}

impl MetadataShell {
    /// Writes a snapshot when enough log has come together since the last one.
    pub(super) async fn snapshot_if_due(&self) -> Result<(), JournalError> {
        if self.state.lock().unsnapshotted_bytes < self.snapshots.every_bytes {
            return Ok(());
        }
        self.snapshot().await
    }

    /// Writes a snapshot of the published image, then drops what the retention does not keep: the oldest snapshots, each
    /// with the log before the next. A snapshot that cannot be written is logged: the log still has everything.
    ///
    /// # Errors
    /// The log failed.
    pub async fn snapshot(&self) -> Result<(), JournalError> {
        let image = self.image();
        let id = SnapshotId { end_offset: image.provenance.last_offset + 1, epoch: image.provenance.epoch };
        let quorum = {
            let mut state = self.state.lock();
            if id.end_offset <= state.snapshot.end_offset {
                return Ok(());
            }
            state.snapshot = id;
            state.unsnapshotted_bytes = 0;
            state.voters_in_log.then(|| (1, voters_record(&state.quorum.voters().0)))
        };
        let (dir, log, now) = (self.dir.clone(), Arc::clone(&self.log), (self.clock)());
        let policy = self.snapshots;
        let write = move || -> Result<(), DirError> {
            let Some(file) = encode(&image, quorum, now.0) else { return Ok(()) };
            dir.write_snapshot(id, &file)?;
            policy.drop_old(&dir, &*log, now.0)
        };
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => tracing::info!(snapshot = %id, "wrote a metadata snapshot"),
            Ok(Err(error)) => tracing::error!(%error, "a metadata snapshot could not be written"),
            Err(error) => return Err(JournalError::Failed(error.to_string())),
        }
        Ok(())
    }
}

impl SnapshotPolicy {
    fn drop_old(self, dir: &MetadataDir, log: &dyn MetadataLog, now: i64) -> Result<(), DirError> {
        let snapshots = dir.snapshots()?;
        let mut bytes = 0;
        for id in &snapshots {
            bytes += dir.snapshot_size(*id)?;
        }
        for pair in snapshots.windows(2) {
            let &[oldest, next] = pair else { break };
            if !self.is_over(bytes + log.size()) && !self.is_past(dir, oldest, now)? {
                break;
            }
            bytes -= dir.snapshot_size(oldest)?;
            dir.remove_snapshot(oldest)?;
            if let Err(error) = log.start_at(next.end_offset) {
                tracing::warn!(%error, "the metadata log could not be shortened");
            }
        }
        Ok(())
    }

    fn is_over(self, bytes: u64) -> bool {
        u64::try_from(self.retention_bytes).is_ok_and(|limit| bytes > limit)
    }

    fn is_past(self, dir: &MetadataDir, id: SnapshotId, now: i64) -> Result<bool, DirError> {
        if self.retention_ms < 0 {
            return Ok(false);
        }
        let snapshot = dir.snapshot(id)?;
        Ok(snapshot.is_none_or(|snapshot| now - snapshot.last_contained_timestamp > self.retention_ms))
    }
}

fn encode(
    image: &Image,
    quorum: Option<(i16, ottla_wire::log_records::control::voters_record::VotersRecord)>,
    now: i64,
) -> Option<bytes::Bytes> {
    let checkpoint = Checkpoint {
        last_contained_timestamp: image.provenance.timestamp,
        quorum,
        records: image.to_records(),
    };
    let file = checkpoint.encode(&image.features, image.provenance.epoch, now);
    file.inspect_err(|error| tracing::error!(%error, "a metadata snapshot cannot be encoded")).ok()
}
