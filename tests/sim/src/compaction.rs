//! The life of one compacted partition: keys, tombstones, transactions, retention, cleanings, crashes.
//!
//! `model` remembers everything that was ever appended and says what readers must see; `reader` reads as a client does;
//! `check` compares the two; `life` carries scripts out; `crash` crashes them at every change of the disk.

mod check;
mod crash;
mod life;
mod model;
mod reader;
mod script;

pub use check::verify;
pub use crash::{crash, fail};
pub use life::Life;
pub use model::Model;
pub use script::{Step, random, tour};

use ottla_log::LogConfig;

/// The partition's directory.
pub const DIR: &str = "/data/t-0";

/// How long tombstones and markers stay.
pub const DELETE_RETENTION_MS: i64 = 50;

/// Small segments and dense indexes, so that a short script sees many of both.
#[must_use]
pub fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 700,
        index_interval_bytes: 100,
        retention_ms: 200,
        delete: true,
        compact: true,
        delete_retention_ms: DELETE_RETENTION_MS,
        ..LogConfig::default()
    }
}
