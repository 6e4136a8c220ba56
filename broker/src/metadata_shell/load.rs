use super::{
    dir::{MetadataDir, SnapshotId},
    journal::MetadataLog,
    open::OpenError,
};
use ottla_metadata::{BatchContent, Image, Loader, Provenance, decode_batch};
use ottla_records::{Batches, ControlRecord, ControlType};
use ottla_wire::{
    MetadataRecord, decode_body,
    log_records::control::{kraft_version_record::KRaftVersionRecord, voters_record::VotersRecord},
};

/// What the directory says: snapshot plus the rest of the log.
pub(super) struct Loaded {
    pub(super) loader: Loader,
    pub(super) voters: Option<VotersRecord>,
    /// The newest snapshot, which the log continues.
    pub(super) snapshot: Option<SnapshotId>,
    /// `kraft.version` as snapshot or log say it.
    pub(super) kraft_version: i16,
    /// State of a migration from ZooKeeper; 0 for none.
    pub(super) zk_migration_state: i8,
    /// The last record replayed.
    pub(super) provenance: Provenance,
    /// Bytes of the log behind the snapshot.
    pub(super) bytes: u64,
}

/// Reads the newest snapshot and replays the log behind it.
pub(super) fn load(dir: &MetadataDir, log: &dyn MetadataLog) -> Result<Loaded, OpenError> {
    let mut loaded = from_snapshot(dir)?;
    let begin = loaded.snapshot.map_or(0, |snapshot| snapshot.end_offset);
    let (start, end) = log.bounds();
    if end < begin {
        // The snapshot was taken from another replica, or the log's files were lost: the log goes on behind it.
        log.start_at(begin)?;
    } else if start > begin {
        return Err(OpenError::Gap { log_start: start, snapshot_end: begin });
    }
    let mut offset = begin;
    while offset < log.bounds().1 {
        let next = replay(&mut loaded, log.read(offset)?, offset)?;
        if next <= offset {
            return Err(OpenError::NoProgress { offset });
        }
        offset = next;
    }
    Ok(loaded)
}

fn from_snapshot(dir: &MetadataDir) -> Result<Loaded, OpenError> {
    let mut loaded = Loaded {
        loader: Loader::default(),
        voters: None,
        snapshot: None,
        kraft_version: 0,
        zk_migration_state: 0,
        provenance: Provenance { last_offset: -1, ..Provenance::default() },
        bytes: 0,
    };
    let Some(id) = dir.snapshots()?.pop() else { return Ok(loaded) };
    let Some(checkpoint) = dir.snapshot(id)? else { return Ok(loaded) };
    loaded.loader = Loader::from_image(Image::default());
    checkpoint.records.iter().for_each(|record| loaded.replay(record));
    if let Some((kraft_version, voters)) = checkpoint.quorum {
        loaded.kraft_version = kraft_version;
        loaded.voters = Some(voters);
    }
    loaded.snapshot = Some(id);
    loaded.provenance = Provenance {
        last_offset: id.end_offset - 1,
        epoch: id.epoch,
        timestamp: checkpoint.last_contained_timestamp,
    };
    Ok(loaded)
}

/// Replays the batches in `bytes` from `offset` on; says the offset after them.
fn replay(loaded: &mut Loaded, bytes: bytes::Bytes, offset: i64) -> Result<i64, OpenError> {
    let mut next = offset;
    for batch in Batches::new(bytes) {
        let batch = batch.map_err(|cause| OpenError::Batch { offset: next, cause })?;
        batch.verify().map_err(|cause| OpenError::Batch { offset: next, cause })?;
        let header = *batch.header();
        next = header.next_offset();
        if next <= offset {
            continue;
        }
        match decode_batch(&batch)? {
            BatchContent::Records(records) => records.iter().for_each(|record| loaded.replay(record)),
            BatchContent::Control(records) => {
                records.iter().try_for_each(|record| control(loaded, record))?
            }
        }
        loaded.bytes += header.size_in_bytes() as u64;
        loaded.provenance = Provenance {
            last_offset: header.last_offset(),
            epoch: header.partition_leader_epoch,
            timestamp: header.max_timestamp,
        };
    }
    Ok(next)
}

fn control(loaded: &mut Loaded, record: &ControlRecord) -> Result<(), OpenError> {
    match record.kind {
        ControlType::KraftVoters => {
            loaded.voters = Some(decode_body(record.value.clone(), 0).map_err(OpenError::Voters)?);
        }
        ControlType::KraftVersion => {
            let version: KRaftVersionRecord =
                decode_body(record.value.clone(), 0).map_err(OpenError::Voters)?;
            loaded.kraft_version = version.kraft_version;
        }
        _ => {}
    }
    Ok(())
}

impl Loaded {
    fn replay(&mut self, record: &MetadataRecord) {
        if let MetadataRecord::ZkMigrationState(migration) = record {
            self.zk_migration_state = migration.zk_migration_state;
        }
        self.loader.replay(record);
    }
}
