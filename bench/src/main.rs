//! Ottla beside Apache Kafka and the limit of the machine: `cargo xtask bench`.
//!
//! All three run on the same machine and file system with the same topic settings, are driven by the same clients in
//! turn, ABAB, and what counts first is the CPU time of the broker: on one machine the client, not the broker, decides
//! how much goes through. A [row](rows) is one workload; [`run`] takes them through their rounds; [`report`] writes the
//! tables. The [native client beside others](rivals) is a comparison of its own.
//!
//! Deliberately unknown here: the inside of the broker. Only its binary is run. Where to start: `run.rs`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its streams")]

mod build;
mod clients;
mod generator;
mod machine;
mod options;
mod process;
mod report;
mod rivals;
mod rounds;
mod rows;
mod run;
mod sample;
mod scale;
mod servers;
mod session;
mod targets;

use std::process::ExitCode;

use clap::Parser;
use options::Options;

/// Whatever stops a run, or the whole: it is told to a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

fn main() -> ExitCode {
    let options = Options::parse();
    machine::raise_file_limit();
    let done = match options.hold {
        Some(gib) => machine::hold(gib),
        None if options.list => {
            list();
            Ok(())
        }
        None if !options.is_smoke() && !build::is_release() => {
            Err("figures of a debug build say nothing: run it through `cargo xtask bench`".into())
        }
        None if options.is_of_clients() => rivals::run(&options),
        None => run::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for row in rows::all() {
        let targets: Vec<String> = row.targets.iter().map(targets::Target::text).collect();
        println!("{:20} {}", row.id, row.what);
        if !targets.is_empty() {
            println!("{:20}   {}", "", targets.join("; "));
        }
    }
    for (id, needs) in rows::LATER {
        println!("{id:20} later: needs {needs}");
    }
}
