//! The shell around replicated machines: log in, commands through, replies out.
//!
//! [`Desk`] runs one machine over one partition of an internal topic. It is generic: it knows neither groups nor
//! transactions. `journal.rs` says what it needs from a log, `groups.rs` puts the group coordinator behind it.

mod batches;
mod desk;
mod groups;
mod journal;

#[cfg(test)]
mod tests;

pub(crate) use batches::{build as build_batch, parse as parse_batches};
pub(crate) use groups::{GroupDesks, settings_of};
pub(crate) use journal::{Chunk, Journal, JournalError};
