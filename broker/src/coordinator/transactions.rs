use std::time::Duration;

use ottla_config::BrokerConfig;
use ottla_coordinator::{
    group::KeyValue,
    transaction::{Command, Record, Settings, Transactions},
};
use ottla_types::Millis;
use ottla_wire::{DecodeError, EncodeError};
use parking_lot::RwLock;

use super::{
    desks::Desks,
    journal::{Entry, Journal, Journaled},
};

impl Journaled for Transactions {
    type Context = RwLock<Settings>;

    fn fresh(settings: &RwLock<Settings>) -> Self {
        Self::new(settings.read().clone())
    }

    /// For a transaction to end.
    fn waits_for_others(command: &Command) -> bool {
        matches!(command, Command::AwaitWork)
    }

    fn encode(record: &Record) -> Result<Option<KeyValue>, EncodeError> {
        record.encode()
    }

    fn decode(entry: &Entry) -> Result<Record, DecodeError> {
        match entry {
            Entry::Data { key, value, .. } => Record::decode(key, value.as_ref()),
            // Nobody's transactions reach into this topic; were there a marker, it would say nothing here.
            Entry::TransactionEnd { .. } => Ok(Record::Unknown { key_type: -1, key: bytes::Bytes::new() }),
        }
    }
}

/// The transaction coordinators this broker runs, one for every partition of `__transaction_state` it leads.
pub(crate) type TransactionDesks<J> = Desks<Transactions, J>;

impl<J: Journal> Desks<Transactions, J> {
    /// Transaction coordinators with these settings.
    pub(crate) fn with_settings(settings: Settings, commit_timeout: Duration, clock: fn() -> Millis) -> Self {
        Self::around(RwLock::new(settings), commit_timeout, clock)
    }

    /// The cluster runs this level of `transaction.version`.
    pub(crate) fn change_level(&self, transaction_version: i16) {
        let before = std::mem::replace(&mut self.context.write().transaction_version, transaction_version);
        if before != transaction_version {
            self.tell_all(|settings| Command::ChangeSettings(settings.read().clone()));
        }
    }
}

/// The coordinator's limits as the broker is configured, at the cluster's level of `transaction.version`.
pub(crate) fn settings_of(config: &BrokerConfig, transaction_version: i16) -> Settings {
    let config = &config.transactions;
    Settings {
        max_timeout_ms: config.transaction_max_timeout_ms,
        abort_check_interval_ms: config.transaction_abort_timed_out_transaction_cleanup_interval_ms,
        id_expiration_ms: config.transactional_id_expiration_ms,
        expiry_check_interval_ms: config.transaction_remove_expired_transaction_cleanup_interval_ms,
        transaction_version,
        ..Settings::default()
    }
}
