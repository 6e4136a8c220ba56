//! What `ottla` can be asked to do.

pub(crate) mod bench;
pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod consume;
pub(crate) mod dev;
pub(crate) mod group;
pub(crate) mod log;
mod offset;
pub(crate) mod offsets;
pub(crate) mod produce;
pub(crate) mod say;
mod serve;
pub(crate) mod start;
pub(crate) mod storage;
pub(crate) mod topic;
pub(crate) mod txn;

use clap::Args;
use ottla_client::{Client, ClientError};
use ottla_records::Codec;

/// What a person is told when a verb fails: what is wrong, and what to do next.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Which cluster to talk to.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// Brokers to begin with: host:port,…
    #[arg(long, env = "OTTLA_BOOTSTRAP", default_value = "127.0.0.1:9092", global = true)]
    bootstrap: String,
}

impl Connection {
    async fn client(&self) -> Result<Client, ClientError> {
        Client::connect(&self.bootstrap).await
    }
}

/// A tool needs one thread.
pub(crate) fn client_runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// What stands behind `--compression`.
fn codec(name: &str) -> Result<Codec, String> {
    Codec::from_name(name)
        .ok_or_else(|| format!("--compression {name}: allowed are none, gzip, snappy, lz4, zstd"))
}

/// `KEY=VALUE`; `what` is where it was written, for the error.
fn pair(what: &str, text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{what} {text}: expected key=value"))?;
    Ok((key.to_owned(), value.to_owned()))
}
