//! The shell around replicated machines: log in, commands through, replies out.
//!
//! [`Desk`] runs one machine over one partition of an internal topic. It is generic: it knows neither groups nor
//! transactions. `journal.rs` says what it needs from a log; `desks.rs` keeps one desk for every partition; `groups.rs` puts
//! the group coordinator behind them, `transactions.rs` that of transactions.

mod batches;
mod desk;
mod desks;
mod groups;
mod journal;
mod transactions;

#[cfg(test)]
mod tests;

pub(crate) use batches::{build as build_batch, parse as parse_batches};
pub(crate) use desk::Desk;
pub(crate) use groups::{GroupDesks, settings_of};
pub(crate) use journal::{Chunk, Envelope, Journal, JournalError};
pub(crate) use transactions::{TransactionDesks, settings_of as transaction_settings_of};
