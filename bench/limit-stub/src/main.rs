//! The reference limit for Ottla's benchmarks: the least work a broker can do and still serve real Kafka clients.
//!
//! It receives a Produce request, checks every batch's CRC-32C, patches base offset and leader epoch, appends the bytes
//! to one file per partition, and serves them again by `sendfile` or by copying. The time it takes is the floor under a
//! real broker on the same machine, so a benchmark can state "x % of the limit" instead of a bare rate.
//!
//! What it deliberately does not have: replication, groups, transactions, sessions, indexes on disk, retention,
//! recovery, metrics, limits on memory, old protocol versions. Data is truncated at every start. Loopback only.
//!
//! Start reading at [`requests::answer_request`].

mod connections;
mod fetch;
mod options;
mod produce;
mod requests;
mod server;
mod wire;

use std::{
    io::{self, ErrorKind},
    net::TcpListener,
    sync::{Arc, Condvar, Mutex, RwLock},
};

use connections::{serve_async, serve_blocking};
use options::{Options, Runtime, USAGE};
use server::Server;

/// A broken connection is worth a line, an ordinary goodbye is not.
fn report(result: io::Result<()>) {
    if let Err(error) = result
        && !matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
    {
        eprintln!("connection closed: {error}");
    }
}

fn run(options: Options) -> io::Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    let listener = TcpListener::bind(("127.0.0.1", options.port))?;
    let runtime = options.runtime;
    let server = Arc::new(Server {
        options,
        topics: RwLock::default(),
        appends: Mutex::default(),
        appended: Condvar::new(),
        notify: tokio::sync::Notify::new(),
    });
    let mut builder = match runtime {
        Runtime::Threads => loop {
            let (stream, _) = listener.accept()?;
            let server = server.clone();
            std::thread::spawn(move || report(serve_blocking(&server, stream)));
        },
        Runtime::TokioCurrent => tokio::runtime::Builder::new_current_thread(),
        Runtime::TokioMulti => tokio::runtime::Builder::new_multi_thread(),
    };
    listener.set_nonblocking(true)?;
    builder.worker_threads(2).enable_all().build()?.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        // The acceptor is a task too: block_on's own future would not run on a worker.
        let accept = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await?;
                let server = server.clone();
                tokio::spawn(async move { report(serve_async(server, stream).await) });
            }
        });
        accept.await?
    })
}

fn main() -> std::process::ExitCode {
    let result = Options::parse(std::env::args().skip(1)).map_err(|error| format!("{error}\n{USAGE}"));
    if let Err(error) = result.and_then(|options| run(options).map_err(|error| error.to_string())) {
        eprintln!("limit-stub: {error}");
        return std::process::ExitCode::FAILURE;
    }
    std::process::ExitCode::SUCCESS
}
