//! Sockets: listeners, connections, frames, limits. Bytes in, bytes out.
//!
//! A connection is one task. It reads a frame, lets the [`Handler`] answer it on the same task and writes the answer, so
//! nothing hops between threads on the way from the socket to the log and back. While a handler waits, the next frame is
//! already read. Requests of one connection are handled in order and answered in order.
//!
//! Nothing a peer sends makes the process larger than it says here: a frame's size is checked before anything is
//! allocated, memory grows only with bytes that have arrived, all frames together stay within one [budget](Options::memory),
//! and who neither sends nor reads is dropped at a deadline.
//!
//! Deliberately unknown here: what a request means. Where to start: [`Server`], then `connection.rs`.

#![forbid(unsafe_code)]

mod accept;
mod budget;
mod connection;
mod context;
mod handler;
mod limits;
mod options;
pub mod outgoing;
mod pool;
mod reader;
mod refusals;
mod registry;
mod server;
mod stats;
mod writer;

pub use context::{ClientSoftware, ConnectionContext, Principal};
pub use handler::{Handler, Outcome, Pending};
pub use limits::ConnectionLimits;
pub use options::{Listener, Options};
pub use server::{BindError, ConnectionLimiter, Running, Server};
use stats::Stats;
pub use stats::{StatsReader, StatsView};
