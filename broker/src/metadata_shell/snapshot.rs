use super::{
    dir::{DirError, SnapshotId},
    format::voters_record,
    journal::JournalError,
    shell::MetadataShell,
};
use ottla_metadata::{Checkpoint, Image};
use std::sync::Arc;

/// How many snapshots stay: the newest, and one a reader may just be using.
const KEPT: usize = 2;

impl MetadataShell {
    /// Writes a snapshot when enough log has come together since the last one.
    pub(super) async fn snapshot_if_due(&self) -> Result<(), JournalError> {
        if self.state.lock().unsnapshotted_bytes < self.snapshot_bytes {
            return Ok(());
        }
        self.snapshot().await
    }

    /// Writes a snapshot of the published image, then drops older ones and the log before the oldest that is kept. A
    /// snapshot that cannot be written is logged: the log still has everything.
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
        let write = move || -> Result<(), DirError> {
            let Some(file) = encode(&image, quorum, now.0) else { return Ok(()) };
            dir.write_snapshot(id, &file)?;
            let mut all = dir.snapshots()?;
            let kept = all.split_off(all.len().saturating_sub(KEPT));
            if let Some(oldest) = kept.first()
                && let Err(error) = log.start_at(oldest.end_offset)
            {
                tracing::warn!(%error, "the metadata log could not be shortened");
            }
            all.into_iter().try_for_each(|old| dir.remove_snapshot(old))
        };
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => tracing::info!(snapshot = %id, "wrote a metadata snapshot"),
            Ok(Err(error)) => tracing::error!(%error, "a metadata snapshot could not be written"),
            Err(error) => return Err(JournalError(error.to_string())),
        }
        Ok(())
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
