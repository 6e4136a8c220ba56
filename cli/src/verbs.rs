//! What `ottla` can be asked to do.

pub(crate) mod advice;
pub(crate) mod bench;
pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod config;
mod connection;
pub(crate) mod consume;
pub(crate) mod dev;
pub(crate) mod group;
pub(crate) mod log;
mod offset;
pub(crate) mod offsets;
pub(crate) mod produce;
pub(crate) mod profile;
pub(crate) mod say;
mod serve;
pub(crate) mod start;
pub(crate) mod storage;
pub(crate) mod topic;
pub(crate) mod txn;

use ottla_records::Codec;

use self::connection::Connection;

/// What a person is told when a verb fails: what is wrong, and what to do next.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Words that make no sense, whatever the cluster says.
#[derive(Debug)]
pub(crate) struct Misuse(String);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

impl From<String> for Misuse {
    fn from(what: String) -> Self {
        Self(what)
    }
}

/// A tool needs one thread.
pub(crate) fn client_runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Whoever makes many records and whoever delivers them do not wait for each other: this thread sends, the client works on
/// another one.
pub(crate) fn sending_runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// What stands behind `--compression`.
fn codec(name: &str) -> Result<Codec, Misuse> {
    Codec::from_name(name)
        .ok_or_else(|| format!("--compression {name}: allowed are none, gzip, snappy, lz4, zstd").into())
}

/// `KEY=VALUE`; `what` is where it was written, for the error.
fn pair(what: &str, text: &str) -> Result<(String, String), Misuse> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("{what} {text}: expected key=value").trim_start().to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}
