//! Clients from outside: librdkafka, and Kafka's own tools on the JVM.

pub(crate) mod java;
pub(crate) mod librdkafka;

use std::process::{Command, Stdio};

use crate::Result;

/// What a client has moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Moved {
    pub(crate) fn gigabytes(self) -> f64 {
        self.bytes as f64 / 1e9
    }
}

/// Runs a program to its end; what it printed.
pub(crate) fn output(mut tool: Command) -> Result<String> {
    let done = tool.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(said);
    }
    Err(format!("{tool:?} failed: {said}\n{}", String::from_utf8_lossy(&done.stderr)).into())
}
