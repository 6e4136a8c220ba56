//! Topics that know what is in them: keys and values as types, the same for who writes, who reads, and tests.
//!
//! [`Topic`] is a constant with two types; [`Data`] says how a type is written and read. Nothing here asks a broker: a
//! typed record becomes an [`OutgoingRecord`](crate::OutgoingRecord) before it is sent, and a [`Record`](crate::Record) is
//! looked at as a typed one when somebody asks for its key or value, not before. So what cannot be read harms nobody but
//! who asks, and the bytes are always there.

mod builtin;
mod consumer;
mod data;
#[cfg(feature = "json")]
mod json;
mod record;
mod send;
#[cfg(test)]
mod tests;
mod topic;

pub use consumer::TypedConsumer;
pub use data::{Data, DataError};
#[cfg(feature = "json")]
pub use json::Json;
pub use record::{ConsumerRecord, ProducerRecord, RecordPart, Unreadable};
pub use topic::Topic;
