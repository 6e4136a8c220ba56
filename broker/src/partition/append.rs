//! Appending to a partition.

use bytes::Bytes;
use ottla_config::TimestampType as TopicTimestamps;
use ottla_log::AppendError as LogError;
use ottla_mutant::mutant;
use ottla_records::{
    Codec, Levels, Limits, TimestampType, end_txn_marker,
    validate::{AppendBatch, InvalidRecords, ProduceRules, RecordError, validate_for_append},
};
use ottla_replication::{
    leader::{Ack, Acks, NotEnoughReplicas},
    producer::{Refused, Verdict},
};
use ottla_types::ErrorCode;

use super::{
    Partition, State,
    transactions::{EndMarker, Source, Word},
};
use crate::clock;

/// A batch that stands in the log, or stood there already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appended {
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    /// −1 unless the broker sets the timestamps.
    pub(crate) log_append_time_ms: i64,
    pub(crate) log_start_offset: i64,
    acks: Acks,
}

/// Why a batch is not acknowledged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    #[error("The requested acks is neither -1, 0 nor 1.")]
    InvalidRequiredAcks,
    #[error("unknown topic id")]
    UnknownTopicId,
    #[error("unknown topic or partition")]
    UnknownTopicOrPartition,
    #[error(transparent)]
    Invalid(#[from] InvalidRecords),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    NotEnoughReplicas(#[from] NotEnoughReplicas),
    #[error("Messages are written to the log, but to fewer in-sync replicas than required.")]
    NotEnoughReplicasAfterAppend,
    #[error(
        "Unable to verify the partition has been added to the transaction. Underlying error: {underlying}"
    )]
    Unverified {
        /// What the producer is told.
        code: ErrorCode,
        /// What the transaction's coordinator says.
        underlying: ErrorCode,
    },
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the request timed out before the records were replicated")]
    TimedOut,
}

impl AppendError {
    /// The code clients of this version of Produce understand.
    pub(crate) fn code(&self, version: i16) -> ErrorCode {
        match self {
            Self::InvalidRequiredAcks => ErrorCode::INVALID_REQUIRED_ACKS,
            Self::UnknownTopicId => ErrorCode::UNKNOWN_TOPIC_ID,
            Self::UnknownTopicOrPartition => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Self::Invalid(invalid) => invalid_code(invalid),
            Self::Refused(refused) => refused_code(refused),
            Self::NotEnoughReplicas(_) => ErrorCode::NOT_ENOUGH_REPLICAS,
            Self::NotEnoughReplicasAfterAppend => ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            Self::Unverified { code, .. } => *code,
            Self::Log(LogError::LargerThanSegment { .. }) => ErrorCode::RECORD_LIST_TOO_LARGE,
            // Clients before version 4 do not know the storage error and would not retry.
            Self::Log(_) if version < 4 => ErrorCode::NOT_LEADER_OR_FOLLOWER,
            Self::Log(_) => ErrorCode::KAFKA_STORAGE_ERROR,
            Self::TimedOut => ErrorCode::REQUEST_TIMED_OUT,
        }
    }

    /// Kafka sends a text only with the errors that are about single records, and with what stands for another one.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Self::Unverified { code: ErrorCode::INVALID_TXN_STATE, .. } => {
                Some("Partition was not added to the transaction".to_owned())
            }
            Self::Unverified { code, underlying } if code != underlying => Some(self.to_string()),
            _ => (!self.record_errors().is_empty()).then(|| self.to_string()),
        }
    }

    /// Whether the partition's first offset goes with the error: not where the partition is not at hand, nor with
    /// errors the batch itself is enough for.
    pub(crate) fn tells_log_start(&self) -> bool {
        match self {
            Self::Invalid(invalid) => {
                use InvalidRecords::{Corrupt, NotOneBatch, TooLarge, UnsupportedCompression};
                !matches!(invalid, Corrupt(_) | NotOneBatch(_) | TooLarge { .. } | UnsupportedCompression(_))
            }
            Self::Refused(_) | Self::NotEnoughReplicas(_) => true,
            _ => false,
        }
    }

    /// The single records an error is about.
    pub(crate) fn record_errors(&self) -> &[RecordError] {
        match self {
            Self::Invalid(InvalidRecords::InvalidEach(each) | InvalidRecords::InvalidTimestamp(each)) => each,
            _ => &[],
        }
    }
}

fn invalid_code(invalid: &InvalidRecords) -> ErrorCode {
    match invalid {
        InvalidRecords::Corrupt(_) => ErrorCode::CORRUPT_MESSAGE,
        InvalidRecords::TooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
        InvalidRecords::NotOneBatch(_)
        | InvalidRecords::InvalidRecord(_)
        | InvalidRecords::InvalidEach(_) => ErrorCode::INVALID_RECORD,
        InvalidRecords::InvalidTimestamp(_) => ErrorCode::INVALID_TIMESTAMP,
        InvalidRecords::UnsupportedCompression(_) => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
        InvalidRecords::UnsupportedMagic(..) => ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT,
    }
}

fn refused_code(refused: &Refused) -> ErrorCode {
    match refused {
        Refused::InvalidProducerEpoch { .. } => ErrorCode::INVALID_PRODUCER_EPOCH,
        Refused::OutOfOrderSequence { .. } => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
        Refused::TransactionOpen { .. } | Refused::NotVerified { .. } => ErrorCode::INVALID_TXN_STATE,
        Refused::CoordinatorFenced { .. } => ErrorCode::TRANSACTION_COORDINATOR_FENCED,
    }
}

impl Partition {
    /// Validates and appends a producer's records. The data is in the page cache afterwards;
    /// [`acknowledged`](Self::acknowledged) says when the producer may be told. `word` is what the coordinator has said
    /// where they are of a transaction.
    pub(crate) fn append(
        &self,
        records: &Bytes,
        acks: Acks,
        version: i16,
        word: Word,
    ) -> Result<Appended, AppendError> {
        let rules = self.rules(version);
        let batch = validate_for_append(records, &rules).map_err(|error| self.named(error))?;
        self.append_batch(batch, acks, Source::Client(word))
    }

    /// Says of which partition records without a key are.
    fn named(&self, mut invalid: InvalidRecords) -> InvalidRecords {
        if let InvalidRecords::InvalidEach(each) = &mut invalid {
            for record in each {
                record.message = format!("{} in topic partition {}", record.message, self.name());
            }
        }
        invalid
    }

    /// Appends a batch of the broker's own making.
    pub(crate) fn append_trusted(&self, batch: AppendBatch) -> Result<Appended, AppendError> {
        self.append_batch(batch, Acks::All, Source::Broker)
    }

    /// Ends a transaction here. It is ended for readers when the marker is replicated.
    pub(crate) fn append_marker(&self, marker: &EndMarker) -> Result<Appended, AppendError> {
        let EndMarker { producer, commit, coordinator_epoch, .. } = *marker;
        let bytes = end_txn_marker(producer, commit, coordinator_epoch, clock::wall().0).freeze();
        let batch = AppendBatch::trusted(&bytes).map_err(InvalidRecords::from)?;
        self.append_batch(batch, Acks::All, Source::Coordinator(marker))
    }

    fn append_batch(
        &self,
        batch: AppendBatch,
        acks: Acks,
        source: Source<'_>,
    ) -> Result<Appended, AppendError> {
        if let Some(why) = self.flusher.failure().filter(|_| !mutant!("append_to_an_offline_directory")) {
            // A failed flush of any partition takes its whole directory offline.
            let (dir, why) = (self.name().to_string(), why.to_owned());
            return Err(LogError::Offline { dir, why }.into());
        }
        let header = batch.header;
        let (appended, moved, durable, piece) = {
            let mut state = self.state.lock();
            if state.deleted {
                return Err(AppendError::UnknownTopicOrPartition);
            }
            state.leader.may_append(acks)?;
            if let Verdict::Duplicate(first) = state.admit(&header, source)? {
                return Ok(Appended {
                    base_offset: first.base_offset,
                    last_offset: first.last_offset,
                    // Of the batch, also where the producer sets the timestamps: so does Kafka.
                    log_append_time_ms: first.timestamp,
                    log_start_offset: state.log.log_start(),
                    acks,
                });
            }
            let epoch = state.leader.epoch();
            let written = state.log.append(batch, epoch, clock::wall())?;
            if header.is_transactional() {
                // A transaction has begun or ended, whatever was asked before.
                state.verifications.forget(header.producer_id);
            }
            let end = state.log.next_offset();
            let moved = state.leader.on_appended(end);
            Self::after_watermark(&mut state);
            let appended = Appended {
                base_offset: written.base_offset,
                last_offset: written.last_offset,
                log_append_time_ms: self.append_time(written.max_timestamp),
                log_start_offset: state.log.log_start(),
                acks,
            };
            let durable = Self::flush_is_due(&state, self.config.load().flush_messages);
            let piece = if durable { None } else { state.log.next_piece() };
            (appended, moved, durable, piece)
        };
        if durable {
            self.request_flush();
        }
        if let Some(piece) = piece {
            self.flusher.write_behind(piece);
        }
        if moved {
            self.watchers.wake_all();
        }
        Ok(appended)
    }

    fn flush_is_due(state: &State, flush_messages: i64) -> bool {
        state.log.wants_flush() || state.log.next_offset() - state.log.flushed() >= flush_messages
    }

    /// Whether the producer of an append may be told.
    pub(crate) fn acknowledged(&self, appended: &Appended) -> Result<bool, AppendError> {
        let state = self.state.lock();
        match state.leader.ack(appended.last_offset, appended.acks) {
            Ack::Ready => Ok(true),
            Ack::Wait if state.deleted => Err(AppendError::UnknownTopicOrPartition),
            Ack::Wait => match state.log.failure() {
                Some(error) => Err(error.into()),
                None => Ok(false),
            },
            Ack::NotEnoughReplicas => Err(AppendError::NotEnoughReplicasAfterAppend),
        }
    }

    fn append_time(&self, timestamp: i64) -> i64 {
        match self.config.load().message_timestamp_type {
            TopicTimestamps::LogAppendTime => timestamp,
            TopicTimestamps::CreateTime => -1,
        }
    }

    fn rules(&self, version: i16) -> ProduceRules {
        let config = self.config.load();
        let max_message_bytes = usize::try_from(config.max_message_bytes).unwrap_or(usize::MAX);
        ProduceRules {
            max_message_bytes,
            timestamp_type: match config.message_timestamp_type {
                TopicTimestamps::CreateTime => TimestampType::CreateTime,
                TopicTimestamps::LogAppendTime => TimestampType::LogAppendTime,
            },
            timestamp_before_max_ms: config.message_timestamp_before_max_ms,
            timestamp_after_max_ms: config.message_timestamp_after_max_ms,
            compacted: config.cleanup_policy.compact,
            check_compressed: config.check_compressed_records,
            codec: config.compression_type.as_deref().and_then(Codec::from_name),
            levels: Levels {
                gzip: config.compression_gzip_level,
                zstd: config.compression_zstd_level,
                ..Levels::default()
            },
            limits: Limits::of_produced(max_message_bytes),
            version,
            now_ms: clock::wall().0,
        }
    }
}
