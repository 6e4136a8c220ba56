//! Fetch sessions (KIP-227): a client that reads many partitions names them once, and afterwards only what changes.
//!
//! Where to start: [`FetchSessions::begin`] turns a request into a [`FetchContext`], which says what to read
//! ([`FetchContext::wanted`]) and makes the answer from what was read ([`FetchContext::answer`]). Pure: time and random
//! ids are passed in. Not known here: logs, permissions, waiting.
//!
//! A session belongs to the principal that opened it: for anybody else its id does not exist.

mod cache;
mod context;
mod partitions;

pub(crate) use cache::{FetchSessions, SessionLimits};
pub(crate) use context::{Answer, FetchContext, Owner, Wanted};
pub(crate) use partitions::TopicKey;

#[cfg(test)]
mod tests;
