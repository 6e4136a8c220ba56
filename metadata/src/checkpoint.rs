//! The file a snapshot is: `bootstrap.checkpoint` and `<end offset>-<epoch>.checkpoint`.

use crate::{BatchContent, DecodeBatchError, Features, decode_batch, encode_batch};
use bytes::{Bytes, BytesMut};
use ottla_records::{Batch, BatchError, BatchHeader, Batches, ControlRecord, ControlType, control_batch};
use ottla_wire::{
    DecodeError, EncodeError, Message, MetadataRecord, decode_body,
    log_records::control::{
        kraft_version_record::KRaftVersionRecord, snapshot_footer_record::SnapshotFooterRecord,
        snapshot_header_record::SnapshotHeaderRecord, voters_record::VotersRecord,
    },
};

/// Records per batch of a snapshot.
const RECORDS_PER_BATCH: usize = 1_000;

/// The content of a snapshot file. Byte for byte Kafka's: a control batch with header, quorum version and voters, the
/// records, a control batch with the footer. A file without its footer was not written to the end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checkpoint {
    /// Append time of the last record the snapshot contains, in milliseconds; 0 in `bootstrap.checkpoint`.
    pub last_contained_timestamp: i64,
    /// `kraft.version` and the voters, where the quorum keeps its voters in the log.
    pub quorum: Option<(i16, VotersRecord)>,
    /// The records that build the image.
    pub records: Vec<MetadataRecord>,
}

/// The file is no complete snapshot.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A batch of it is damaged.
    #[error("snapshot: {0}")]
    Damaged(#[from] BatchError),
    /// A batch of it cannot be understood.
    #[error("snapshot: {0}")]
    Batch(#[from] DecodeBatchError),
    /// A control record of it cannot be understood.
    #[error("snapshot: control record: {0}")]
    Control(#[from] DecodeError),
    /// It does not begin with the header record.
    #[error("snapshot: the header record is missing")]
    NoHeader,
    /// It does not end with the footer record: writing it was interrupted.
    #[error("snapshot: the footer record is missing, the file is incomplete")]
    NoFooter,
}

impl Checkpoint {
    /// The file's bytes. `features` decide the record versions, `epoch` is that of the last contained record, `now`
    /// the time of writing in milliseconds.
    ///
    /// # Errors
    /// A record holds something its version cannot carry.
    pub fn encode(&self, features: &Features, epoch: i32, now: i64) -> Result<Bytes, EncodeError> {
        let mut file = BytesMut::new();
        let header =
            SnapshotHeaderRecord { version: 0, last_contained_log_timestamp: self.last_contained_timestamp };
        let mut control =
            vec![ControlRecord { kind: ControlType::SnapshotHeader, value: header.to_bytes(0)? }];
        if let Some((kraft_version, voters)) = &self.quorum {
            let version = KRaftVersionRecord { version: 0, kraft_version: *kraft_version };
            control.push(ControlRecord { kind: ControlType::KraftVersion, value: version.to_bytes(0)? });
            control.push(ControlRecord { kind: ControlType::KraftVoters, value: voters.to_bytes(0)? });
        }
        file.extend_from_slice(&control_batch(0, epoch, now, &control));
        let mut offset = control.len() as i64;
        for chunk in self.records.chunks(RECORDS_PER_BATCH) {
            let mut batch = encode_batch(chunk, features, epoch, now)?;
            BatchHeader::assign(&mut batch, offset, epoch);
            file.extend_from_slice(&batch);
            offset += chunk.len() as i64;
        }
        let footer = SnapshotFooterRecord { version: 0 }.to_bytes(0)?;
        let footer = ControlRecord { kind: ControlType::SnapshotFooter, value: footer };
        file.extend_from_slice(&control_batch(offset, epoch, now, &[footer]));
        Ok(file.freeze())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Damaged, of a later release, or not written to the end.
    pub fn decode(file: Bytes) -> Result<Self, CheckpointError> {
        let mut read = Reading::default();
        for batch in Batches::new(file) {
            let batch: Batch = batch?;
            batch.verify()?;
            match decode_batch(&batch)? {
                _ if read.footer => return Err(CheckpointError::NoFooter),
                BatchContent::Records(_) if !read.header => return Err(CheckpointError::NoHeader),
                BatchContent::Records(records) => read.checkpoint.records.extend(records),
                BatchContent::Control(control) => {
                    control.into_iter().try_for_each(|record| read.control(record))?
                }
            }
        }
        match (read.header, read.footer) {
            (false, _) => Err(CheckpointError::NoHeader),
            (_, false) => Err(CheckpointError::NoFooter),
            _ => Ok(read.finish()),
        }
    }
}

#[derive(Default)]
struct Reading {
    checkpoint: Checkpoint,
    kraft_version: i16,
    voters: Option<VotersRecord>,
    header: bool,
    footer: bool,
}

impl Reading {
    fn control(&mut self, record: ControlRecord) -> Result<(), CheckpointError> {
        match record.kind {
            ControlType::SnapshotHeader => {
                let header: SnapshotHeaderRecord = decode_body(record.value, 0)?;
                self.checkpoint.last_contained_timestamp = header.last_contained_log_timestamp;
                self.header = true;
            }
            _ if !self.header => return Err(CheckpointError::NoHeader),
            ControlType::KraftVersion => {
                let version: KRaftVersionRecord = decode_body(record.value, 0)?;
                self.kraft_version = version.kraft_version;
            }
            ControlType::KraftVoters => self.voters = Some(decode_body(record.value, 0)?),
            ControlType::SnapshotFooter => self.footer = true,
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Checkpoint {
        self.checkpoint.quorum = self.voters.map(|voters| (self.kraft_version, voters));
        self.checkpoint
    }
}
