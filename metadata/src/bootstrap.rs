//! What a formatted cluster begins with.

use crate::FORMATTED;
use ottla_types::Str;
use ottla_wire::{
    MetadataRecord,
    log_records::metadata::{
        abort_transaction_record::AbortTransactionRecord, begin_transaction_record::BeginTransactionRecord,
        end_transaction_record::EndTransactionRecord, feature_level_record::FeatureLevelRecord,
    },
};

/// The records `bootstrap.checkpoint` holds after a format of 4.3.
#[must_use]
pub fn bootstrap_records() -> Vec<MetadataRecord> {
    let record = |&(name, feature_level): &(&'static str, i16)| {
        MetadataRecord::FeatureLevel(FeatureLevelRecord { name: Str::from_static(name), feature_level })
    };
    FORMATTED.iter().map(record).collect()
}

pub(crate) fn begin() -> MetadataRecord {
    BeginTransactionRecord { name: Some(Str::from_static("Bootstrap records")) }.into()
}

pub(crate) fn end() -> MetadataRecord {
    EndTransactionRecord {}.into()
}

pub(crate) fn abort() -> MetadataRecord {
    AbortTransactionRecord { reason: Some(Str::from_static("the writer did not finish")) }.into()
}
