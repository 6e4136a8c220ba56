//! Two partitions in one data directory.

mod check;
mod crash;
mod model;
mod run;
mod script;

pub use check::{Live, check, check_unsynced, verify, verify_records};
pub use crash::{crash, fail, rough};
pub use model::{Model, Part};
pub use run::{Run, StepError};
pub use script::{Step, random, tour};

use ottla_log::{LogConfig, TopicPartition};

/// The data directory.
pub const DATA: &str = "/data";

/// Its partitions.
#[must_use]
pub fn partitions() -> [TopicPartition; 2] {
    [0, 1].map(|partition| TopicPartition { topic: "t".to_owned(), partition })
}

/// Small segments and dense indexes, so that a short script sees many of both.
#[must_use]
pub fn config() -> LogConfig {
    LogConfig { segment_bytes: 700, index_interval_bytes: 100, retention_ms: 1000, ..LogConfig::default() }
}
