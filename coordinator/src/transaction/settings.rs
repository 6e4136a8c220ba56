/// The limits and delays of transactions; the defaults are Kafka's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `transaction.max.timeout.ms`: a producer that asks for more is refused.
    pub max_timeout_ms: i32,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`.
    pub abort_check_interval_ms: i64,
    /// `transactional.id.expiration.ms`.
    pub id_expiration_ms: i64,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`.
    pub expiry_check_interval_ms: i64,
    /// The cluster's level of the feature `transaction.version`, 0 to 2.
    pub transaction_version: i16,
    /// How long to wait before markers that could not be written are tried again.
    pub marker_retry_ms: i64,
    /// The largest batch one step may write, in bytes (the topic's `max.message.bytes`).
    pub max_batch_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_timeout_ms: 900_000,
            abort_check_interval_ms: 10_000,
            id_expiration_ms: 604_800_000,
            expiry_check_interval_ms: 3_600_000,
            transaction_version: 2,
            marker_retry_ms: 100,
            max_batch_bytes: 1_048_588,
        }
    }
}

/// From this transaction version on every transaction has an epoch of its own (KIP-890).
pub(super) const EPOCH_PER_TRANSACTION: i16 = 2;

impl Settings {
    /// The version of values in the log: the flexible one from transaction version 1 on.
    pub(super) fn value_version(&self) -> i16 {
        i16::from(self.transaction_version >= 1)
    }
}
