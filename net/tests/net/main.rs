//! The server on real sockets.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests: named after behaviour, and a failure is a failed test"
)]

mod files;
mod frames;
mod limits;
mod memory;
mod order;
mod outgoing;
mod shutdown;
mod support;
