//! Bad input and limits, row by row of the bad-input table: what a stranger may send, hold open or ask for, against the
//! real binary (or Apache Kafka, by `OTTLA_TARGET=kafka`).
//!
//! A [`Broker`] is a node with a [probe](Probe): another client that produces and fetches all the time. Every test ends
//! with [`Broker::finish`], which fails when the process has ended, when the probe was not served, or when memory went
//! over the bound the test names. `OTTLA_PROVE=full` makes the floods as large as the table says.

mod broker;
mod probe;
mod process;
mod requests;
mod wire;

pub use broker::Broker;
pub use probe::Probe;
pub use process::{allow_descriptors, cpu_seconds, descriptors, resident, sockets, threads};
pub use requests::{create, create_topic, fetch, fetch_request, produce, read_all};
pub use wire::{Answered, Closed, Wire, framed, header};

/// Bytes in a mebibyte.
pub const MIB: u64 = 1 << 20;

/// `full` where `OTTLA_PROVE=full` asks for it, otherwise `smoke`.
#[must_use]
pub fn scaled<T>(smoke: T, full: T) -> T {
    if is_full() { full } else { smoke }
}

/// Whether the floods are to be as large as the table says.
#[must_use]
pub fn is_full() -> bool {
    std::env::var("OTTLA_PROVE").is_ok_and(|value| value == "full")
}

/// One figure on a line of its own: `figure <name> <value> <unit>`.
#[allow(clippy::print_stdout, reason = "figures are for whoever runs the proof")]
pub fn figure(name: &str, value: impl std::fmt::Display, unit: &str) {
    println!("figure hostile.{name} {value} {unit}");
}
