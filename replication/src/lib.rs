//! What one partition decides: how far its log is committed, which epoch owns which offset, and which batches of an
//! idempotent or transactional producer it takes.
//!
//! Pure: no file, clock or runtime; time and offsets are passed in. The three machines know nothing of each other.
//! * [`leader::Leader`]: log end, flushed offset, high watermark, acknowledgements;
//! * [`epochs::EpochCache`]: leader epochs and their start offsets (KIP-101, 279, 320);
//! * [`producer::ProducerTable`]: sequences, epochs, transactions (KIP-98, 360, 890), and the content of `.snapshot` files.
//!
//! Everything in here but the volatile part of `Leader` can be recomputed from the log, and tests hold it to that.

#![forbid(unsafe_code)]

pub mod epochs;
pub mod leader;
pub mod producer;
