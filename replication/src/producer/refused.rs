/// Why a batch or a marker must not be appended. The texts carry the key words of Kafka's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// INVALID_PRODUCER_EPOCH (47): a newer instance of the producer has written here.
    #[error(
        "Epoch of producer {producer_id} is {epoch}, which is smaller than the last seen epoch {current_epoch}"
    )]
    InvalidProducerEpoch {
        /// The producer.
        producer_id: i64,
        /// Its epoch in the request.
        epoch: i16,
        /// The epoch this partition has seen.
        current_epoch: i16,
    },
    /// OUT_OF_ORDER_SEQUENCE_NUMBER (45): a batch is missing before this one, or it is older than the five remembered.
    #[error(
        "Out of order sequence number for producer {producer_id}: {sequence} (incoming seq. number), \
         {current_sequence} (current end sequence number)"
    )]
    OutOfOrderSequence {
        /// The producer.
        producer_id: i64,
        /// The first sequence of the batch.
        sequence: i32,
        /// The last sequence appended; −1 when a new epoch or a producer without batches must begin at 0.
        current_sequence: i32,
    },
    /// INVALID_TXN_STATE (48): a batch outside a transaction while this producer's transaction is open.
    #[error("Expected transactional write from producer {producer_id}")]
    TransactionOpen {
        /// The producer.
        producer_id: i64,
    },
    /// INVALID_TXN_STATE (48): the first batch of a transaction without the coordinator's word for it.
    #[error("Record was not part of an ongoing transaction of producer {producer_id}")]
    NotVerified {
        /// The producer.
        producer_id: i64,
    },
    /// TRANSACTION_COORDINATOR_FENCED (52): a newer coordinator has written a marker here.
    #[error(
        "Invalid coordinator epoch for producer {producer_id}: {epoch} (zombie), {current_epoch} (current)"
    )]
    CoordinatorFenced {
        /// The producer.
        producer_id: i64,
        /// The coordinator epoch in the marker.
        epoch: i32,
        /// The one this partition has seen.
        current_epoch: i32,
    },
}
