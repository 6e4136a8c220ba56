//! The transaction coordinator: the transactional ids of one `__transaction_state` partition.
//!
//! Decides who may write under a transactional id (producer id and epoch), which partitions belong to the open
//! transaction, whether it commits or aborts, and which markers are still to be written, by the rules of Kafka 4.3 with
//! transaction versions 0 to 2 (KIP-98, KIP-360, KIP-890). It deliberately does not know whether partitions exist, where
//! they are led, permissions, or the log. Start reading at [`Transactions`], then `entry.rs` (one transactional id and its
//! legal transitions).
//!
//! Where Kafka keeps a *pending* state while a record is on its way to the log, and sends other requests of that
//! transactional id away meanwhile, this machine has moved on at once: the shell releases no reply, and no
//! [marker work](Work), before all that was written is committed, and drops the machine if it never is. A transaction
//! whose markers are not all written is `CONCURRENT_TRANSACTIONS` for everybody, as in Kafka.

mod admin;
mod codec;
mod command;
mod end;
mod entry;
mod init;
mod markers;
mod partitions;
mod record;
mod reply;
mod settings;
mod state;
mod sweep;
mod transactions;

#[cfg(test)]
mod tests;

pub use command::{
    AddPartitions, Command, EndTransaction, InitProducer, ListTransactions, MarkersWritten, Partitions,
    Producer, Verify,
};
pub use entry::Transaction;
pub use record::Record;
pub use reply::{DescribedTransaction, ListedTransaction, Markers, Reply, Verified, Work};
pub use settings::Settings;
pub use state::State;
pub use transactions::{Durable, Transactions};
