//! The command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
limit-stub [--port N] [--partitions N] [--dir PATH] [--runtime threads|tokio-current|tokio-multi]
           [--log null|write|synced] [--fetch sendfile|copy] [--no-crc]";

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Runtime {
    /// One blocking thread per connection.
    Threads,
    /// All connections on one tokio thread.
    TokioCurrent,
    /// tokio with two workers.
    TokioMulti,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Storage {
    /// Count, but write nothing: the cost of network and CRC alone. Nothing can be fetched.
    Null,
    /// `pwrite` into the page cache.
    Write,
    /// `pwrite`, then `fdatasync`, inline and once per request. No group commit: a floor for a single writer only.
    Synced,
}

pub(crate) struct Options {
    pub(crate) port: u16,
    /// Partitions of every topic; topics appear when a client asks for them.
    pub(crate) partitions: i32,
    pub(crate) dir: PathBuf,
    pub(crate) runtime: Runtime,
    pub(crate) storage: Storage,
    pub(crate) sendfile: bool,
    pub(crate) check_crc: bool,
}

impl Options {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            port: 19092,
            partitions: 1,
            dir: PathBuf::from("limit-stub-data"),
            runtime: Runtime::Threads,
            storage: Storage::Write,
            sendfile: true,
            check_crc: true,
        };
        while let Some(flag) = args.next() {
            if flag == "--no-crc" {
                options.check_crc = false;
                continue;
            }
            let value = args.next().ok_or_else(|| format!("{flag}: unknown, or its value is missing"))?;
            let bad = || format!("{flag} {value}: not understood");
            match flag.as_str() {
                "--port" => options.port = value.parse().map_err(|_| bad())?,
                "--partitions" => {
                    options.partitions = value.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?
                }
                "--dir" => options.dir = PathBuf::from(value),
                "--runtime" => {
                    options.runtime = match value.as_str() {
                        "threads" => Runtime::Threads,
                        "tokio-current" => Runtime::TokioCurrent,
                        "tokio-multi" => Runtime::TokioMulti,
                        _ => return Err(bad()),
                    }
                }
                "--log" => {
                    options.storage = match value.as_str() {
                        "null" => Storage::Null,
                        "write" => Storage::Write,
                        "synced" => Storage::Synced,
                        _ => return Err(bad()),
                    }
                }
                "--fetch" => {
                    options.sendfile = match value.as_str() {
                        "sendfile" => true,
                        "copy" => false,
                        _ => return Err(bad()),
                    }
                }
                _ => return Err(bad()),
            }
        }
        Ok(options)
    }
}
