//! The limit program: receives, checks the CRC, appends, serves, and nothing else.
//!
//! It has no admin API: how many partitions a topic has and whether it flushes is said at its start, so each
//! combination is a process of its own.

use std::{path::Path, process::Command};

use super::Durability;
use crate::{Result, build};

/// Which of its ways of serving connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LimitRuntime {
    /// One blocking thread each: best with few connections and big batches.
    Threads,
    /// All on one thread: best with small requests.
    OneThread,
}

/// One way to run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Limit {
    pub(crate) partitions: i32,
    pub(crate) runtime: LimitRuntime,
    pub(crate) durability: Durability,
}

impl Limit {
    pub(super) fn command(self, dir: &Path, port: u16) -> Result<Command> {
        let mut limit = Command::new(build::limit()?);
        limit.arg("--dir").arg(dir.join("data"));
        limit.args(["--port", &port.to_string(), "--partitions", &self.partitions.to_string()]);
        limit.args([
            "--runtime",
            match self.runtime {
                LimitRuntime::Threads => "threads",
                LimitRuntime::OneThread => "tokio-current",
            },
        ]);
        limit.args([
            "--log",
            match self.durability {
                Durability::PageCache => "write",
                Durability::Synced => "synced",
            },
        ]);
        Ok(limit)
    }
}
