//! The `ottla` binary: broker and tools in one.
//!
//! Each verb is one file under `verbs/`, each of Kafka's scripts one under `kafka/`. Exit codes: 0 done, 1 failed, 2 wrong
//! usage; those of the scripts are Kafka's.

mod acknowledgements;
mod clock;
mod filter;
mod format;
mod input;
mod kafka;
mod log_file;
mod output;
mod profiles;
mod progress;
mod settings;
mod verbs;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "ottla", version, about = "Apache Kafka in one small binary", after_help = kafka::HELP)]
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
    /// Transactions: list, describe, find and end those that hang
    Txn(verbs::txn::Txn),
    /// Send records: one for each line of standard input
    Produce(verbs::produce::Produce),
    /// Print records as they come
    Consume(verbs::consume::Consume),
    /// How fast a cluster takes records, gives them back, and passes them on
    Bench(verbs::bench::Bench),
    /// The files of a log: look at them, verify them
    #[command(subcommand)]
    Log(verbs::log::Log),
    /// Settings of the client by name: which brokers, and how to talk to them
    Profile(verbs::profile::Profile),
    /// Make a shell complete verbs, options, and the names of topics and groups
    Completions(verbs::completions::Completions),
    #[command(hide = true)]
    Complete(verbs::completions::Complete),
    /// Data directories: format them, look at them
    #[command(subcommand)]
    Storage(verbs::storage::Storage),
}

/// One of Kafka's scripts, where the binary is called by its name or asked for it, with the words behind it.
fn script() -> Option<(&'static kafka::Tool, Vec<String>)> {
    let mut words = std::env::args_os();
    let tool = kafka::named(&words.next()?).or_else(|| kafka::named(&words.next()?))?;
    Some((tool, words.map(|word| word.to_string_lossy().into_owned()).collect()))
}

fn main() -> ExitCode {
    if let Some((tool, words)) = script() {
        return tool.run(&words);
    }
    if let Some(missing) = std::env::args_os().take(2).find_map(|name| kafka::missing(&name)) {
        verbs::say::remark(&format!("ottla: {missing}"));
        return ExitCode::from(2);
    }
    let ottla = Ottla::parse();
    let done = match ottla.verb {
        Verb::Dev(dev) => dev.run(),
        Verb::Start(start) => start.run(),
        Verb::Topic(topic) => topic.run(),
        Verb::Group(group) => group.run(),
        Verb::Config(config) => config.run(),
        Verb::Cluster(cluster) => cluster.run(),
        Verb::Offsets(offsets) => offsets.run(),
        Verb::Profile(profile) => profile.run(),
        Verb::Completions(completions) => completions.run(),
        Verb::Complete(complete) => {
            let mut ottla = Ottla::command();
            // Options that go with every verb are handed on to each.
            ottla.build();
            complete.run(&ottla)
        }
        Verb::Txn(txn) => txn.run(),
        Verb::Log(log) => log.run(),
        Verb::Bench(bench) => bench.run(),
        Verb::Produce(produce) => produce.run(),
        Verb::Consume(consume) => consume.run(),
        Verb::Storage(storage) => storage.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let advice =
                verbs::advice::advice(&error).map(|advice| format!("; {advice}")).unwrap_or_default();
            verbs::say::remark(&format!("ottla: {error}{advice}"));
            if error.is::<verbs::Misuse>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
