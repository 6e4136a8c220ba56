//! The metadata as a directory holds it, found out without writing anything.

use bytes::{Bytes, BytesMut};
use ottla_log::PeekedLog;
use ottla_metadata::Image;
use ottla_quorum::{ElectionState, Voter};
use ottla_wire::MetadataRecord;

use super::{
    dir::{MetadataDir, SnapshotId},
    format::voters_of,
    journal::{JournalError, MetadataLog},
    load::load,
    open::OpenError,
};

/// What the metadata log, its snapshots and the files beside it say.
#[derive(Debug)]
pub struct PeekedMetadata {
    /// Snapshot and log replayed.
    pub image: Image,
    /// The voters where snapshot or log name them; `None` when the file does.
    pub voters: Option<Vec<Voter>>,
    /// `kraft.version`.
    pub kraft_version: i16,
    /// State of a migration from ZooKeeper; 0 for none.
    pub zk_migration_state: i8,
    /// Every snapshot, oldest first.
    pub snapshots: Vec<SnapshotId>,
    /// First offset of the log, and the offset after its last record.
    pub bounds: (i64, i64),
    /// Leader epoch of the last batch.
    pub last_epoch: i32,
    /// A torn end that a start would cut off.
    pub torn: Option<String>,
    /// `quorum-state`.
    pub election: Option<ElectionState>,
    /// What an empty log begins with.
    pub bootstrap: Option<Vec<MetadataRecord>>,
}

impl MetadataDir {
    /// Reads everything and changes nothing.
    ///
    /// # Errors
    /// What opening the metadata would be refused for: damage, gaps, records of a later release.
    pub fn peek(&self) -> Result<PeekedMetadata, OpenError> {
        let failed = |error: std::io::Error| JournalError::Failed(error.to_string());
        let log = PeekedLog::of(self.disk(), &self.topic_dir()).map_err(failed)?;
        let torn = log.damage().map(|damage| {
            format!("{} from byte {} on: {}", damage.path.display(), damage.position, damage.why)
        });
        if log.damage().is_some_and(|damage| damage.inside) {
            let where_and_why = torn.unwrap_or_default();
            return Err(
                JournalError::Failed(format!("damaged with sound records behind: {where_and_why}")).into()
            );
        }
        let (bounds, last_epoch) = (log.bounds(), log.last_epoch().unwrap_or(0));
        let loaded = load(self, &ReadOnly(log))?;
        Ok(PeekedMetadata {
            image: loaded.loader.image().at(loaded.provenance),
            voters: loaded.voters.as_ref().map(voters_of),
            kraft_version: loaded.kraft_version,
            zk_migration_state: loaded.zk_migration_state,
            snapshots: self.snapshots()?,
            bounds,
            last_epoch,
            torn,
            election: self.election_state()?,
            bootstrap: self.bootstrap()?.map(|checkpoint| checkpoint.records),
        })
    }
}

/// A metadata log that is only read.
struct ReadOnly(PeekedLog);

impl MetadataLog for ReadOnly {
    fn bounds(&self) -> (i64, i64) {
        self.0.bounds()
    }

    fn last_epoch(&self) -> i32 {
        self.0.last_epoch().unwrap_or(0)
    }

    fn read(&self, offset: i64) -> Result<Bytes, JournalError> {
        self.0.read(offset).map_err(|error| JournalError::Failed(error.to_string()))
    }

    fn size(&self) -> u64 {
        self.0.size()
    }

    fn append(&self, _: BytesMut, _: i32) -> Result<i64, JournalError> {
        Err(JournalError::Failed("it is only looked at".into()))
    }

    fn flush(&self) -> Result<(), JournalError> {
        Ok(())
    }

    /// Asked for when the log ends before the snapshot: there is nothing to be read then.
    fn start_at(&self, _: i64) -> Result<(), JournalError> {
        Ok(())
    }
}
