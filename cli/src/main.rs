//! The `ottla` binary: broker and tools in one.
//!
//! Each verb is one file under `verbs/`. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod output;
mod verbs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "ottla", version, about = "Apache Kafka in one small binary")]
struct Ottla {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// A broker on this machine, ready in a moment: data in ./.ottla, topics made on first use
    Dev(verbs::dev::Dev),
    /// A broker with a Kafka server.properties
    Start(verbs::start::Start),
    /// Topics: make, list, describe, remove
    Topic(verbs::topic::Topic),
    /// Groups: list, describe, how far they are behind, where they go on
    Group(verbs::group::Group),
    /// Settings of topics, brokers and groups
    Config(verbs::config::Config),
    /// The cluster: brokers, health
    Cluster(verbs::cluster::Cluster),
    /// Where the partitions of a topic begin and end
    Offsets(verbs::offsets::Offsets),
    /// Send records: one for each line of standard input
    Produce(verbs::produce::Produce),
    /// Print records as they come
    Consume(verbs::consume::Consume),
    /// Data directories: format them, look at them
    #[command(subcommand)]
    Storage(verbs::storage::Storage),
}

fn main() -> ExitCode {
    let ottla = Ottla::parse();
    let done = match ottla.verb {
        Verb::Dev(dev) => dev.run(),
        Verb::Start(start) => start.run(),
        Verb::Topic(topic) => topic.run(),
        Verb::Group(group) => group.run(),
        Verb::Config(config) => config.run(),
        Verb::Cluster(cluster) => cluster.run(),
        Verb::Offsets(offsets) => offsets.run(),
        Verb::Produce(produce) => produce.run(),
        Verb::Consume(consume) => consume.run(),
        Verb::Storage(storage) => storage.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            verbs::say::remark(&format!("ottla: {error}"));
            ExitCode::FAILURE
        }
    }
}
