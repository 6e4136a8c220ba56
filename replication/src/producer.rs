//! Producers of one partition: which batch is new, which one is a resend, which one must be refused; and which
//! transactions are open.
//!
//! Where to start: [`ProducerTable::check`] decides before an append, [`ProducerTable::on_appended`] and
//! [`ProducerTable::on_marker`] change the state after one, live and at recovery alike. Not known here: whether the
//! transaction coordinator agrees that a transaction is open; [`Verifications`] says when its word counts.

mod batch;
mod entry;
mod refused;
mod sequence;
mod snapshot;
mod table;
mod transactions;
mod verification;

pub use batch::{BatchMeta, Marker, Outcome, Verdict};
pub use entry::{MAX_BATCHES, ProducerInfo};
pub use refused::Refused;
pub use sequence::{advance, next};
pub use snapshot::SnapshotEntry;
pub use table::ProducerTable;
pub use transactions::CompletedTxn;
pub use verification::{Guard, Verifications};

#[cfg(test)]
mod tests;
