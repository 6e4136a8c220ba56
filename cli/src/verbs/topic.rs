//! `ottla topic create|ls|describe|du|add-partitions|trim|rm`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal,
};

use clap::{Args, Subcommand};
use ottla_client::Client;
use serde_json::json;

use super::{Connection, Failure, client_runtime, offset, pair, say::say};
use crate::{
    output::{Listing, Output},
    progress::Progress,
};

#[derive(Debug, Args)]
pub(crate) struct Topic {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: TopicVerb,
}

#[derive(Debug, Subcommand)]
enum TopicVerb {
    /// Make topics
    Create {
        #[arg(required = true)]
        names: Vec<String>,
        /// How many partitions; the broker's default otherwise
        #[arg(short, long, default_value_t = -1, allow_negative_numbers = true)]
        partitions: i32,
        /// How many replicas; the broker's default otherwise
        #[arg(short, long, default_value_t = -1, allow_negative_numbers = true)]
        replicas: i16,
        /// A setting: key=value
        #[arg(short, long, value_name = "KEY=VALUE")]
        config: Vec<String>,
    },
    /// List topics
    Ls {
        /// Kafka's own topics too
        #[arg(short, long)]
        internal: bool,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Partitions, leaders and replicas of topics
    Describe {
        #[arg(required = true)]
        names: Vec<String>,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// How much the replicas of topics have on the brokers' disks
    Du {
        /// All topics but Kafka's own, where none is named
        names: Vec<String>,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Give a topic more partitions
    AddPartitions {
        name: String,
        /// How many there shall be in all
        count: i32,
    },
    /// Remove the records before an offset
    Trim {
        name: String,
        /// Where the partitions shall begin: end, N, +N (from the start), -N (before the end), @TIME
        #[arg(long, allow_hyphen_values = true)]
        before: String,
        /// Only this partition
        #[arg(short, long)]
        partition: Option<i32>,
        /// A list of where they begin, instead of sentences
        #[arg(short, long, value_enum)]
        output: Option<Output>,
    },
    /// Remove topics with everything in them
    Rm {
        #[arg(required = true)]
        names: Vec<String>,
    },
}

impl Topic {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            match self.verb {
                TopicVerb::Create { names, partitions, replicas, config } => {
                    let configs =
                        config.iter().map(|one| pair("--config", one)).collect::<Result<Vec<_>, _>>()?;
                    for name in names {
                        client.create_topic(&name, partitions, replicas, &configs).await?;
                        say!("created {name}");
                    }
                }
                TopicVerb::Ls { internal, output } => list(&client, internal, output).await?,
                TopicVerb::Describe { names, output } => describe(&client, &names, output).await?,
                TopicVerb::Du { names, output } => disk_use(&client, &names, output).await?,
                TopicVerb::AddPartitions { name, count } => {
                    client.add_partitions(&name, count).await?;
                    say!("{name} has {count} partitions");
                }
                TopicVerb::Trim { name, before, partition, output } => {
                    let starts = trim(&client, &name, &before, partition).await?;
                    print_starts(&name, &starts, output);
                }
                TopicVerb::Rm { names } => {
                    // What is printed on a terminal shows how far it is by itself.
                    let is_quiet = !std::io::stdout().is_terminal();
                    let mut progress = Progress::new("removed", "topics", Some(names.len() as u64), is_quiet);
                    for name in names {
                        client.delete_topic(&name).await?;
                        say!("removed {name}");
                        progress.add(1, 0);
                    }
                }
            }
            Ok(())
        })
    }
}

async fn list(client: &Client, internal: bool, output: Output) -> Result<(), Failure> {
    let mut listing = Listing::new(&["name", "partitions", "replicas", "id"]);
    for topic in client.topics().await?.iter().filter(|topic| internal || !topic.internal) {
        let replicas = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
        let (name, id) = (json!(topic.name), json!(topic.id.to_string()));
        listing.row([name, json!(topic.partitions.len()), json!(replicas), id]);
    }
    listing.print(output);
    Ok(())
}

async fn describe(client: &Client, names: &[String], output: Output) -> Result<(), Failure> {
    let mut listing = Listing::new(&["name", "partition", "leader", "replicas", "in_sync"]);
    for name in names {
        for p in &client.topic(name, false).await?.partitions {
            listing.row([json!(name), json!(p.index), json!(p.leader), json!(p.replicas), json!(p.isr)]);
        }
    }
    listing.print(output);
    Ok(())
}

/// The bytes of each replica of topics, or of all that are not Kafka's own.
async fn disk_use(client: &Client, names: &[String], output: Output) -> Result<(), Failure> {
    let wanted: BTreeSet<String> = if names.is_empty() {
        let topics = client.topics().await?.into_iter().filter(|topic| !topic.internal);
        topics.map(|topic| topic.name).collect()
    } else {
        for name in names {
            // What is not there is said to be missing, not to be empty.
            client.topic(name, false).await?;
        }
        names.iter().cloned().collect()
    };
    let mut rows = Vec::new();
    for broker in client.cluster().await?.brokers {
        for dir in client.log_dirs(broker.id).await? {
            let replicas = dir.replicas.into_iter().filter(|replica| wanted.contains(&replica.topic));
            rows.extend(replicas.map(|r| (r.topic, r.partition, broker.id, r.size, dir.path.clone())));
        }
    }
    rows.sort();
    let mut listing = Listing::new(&["name", "partition", "broker", "bytes", "directory"]);
    for (name, partition, broker, bytes, path) in rows {
        listing.row([json!(name), json!(partition), json!(broker), json!(bytes), json!(path)]);
    }
    listing.print(output);
    Ok(())
}

/// Where the partitions begin then.
async fn trim(
    client: &Client,
    name: &str,
    before: &str,
    partition: Option<i32>,
) -> Result<BTreeMap<i32, i64>, Failure> {
    let before = offset::parse("--before", before)?;
    let topic = client.topic(name, false).await?;
    let mut wanted = client.offsets_at(name, before).await?;
    wanted.retain(|index, _| partition.is_none_or(|only| only == *index));
    if wanted.is_empty() {
        return Err(format!("{name} has no partition {}", partition.unwrap_or_default()).into());
    }
    Ok(client.delete_records(&topic, &wanted).await?)
}

fn print_starts(name: &str, starts: &BTreeMap<i32, i64>, output: Option<Output>) {
    let Some(output) = output else {
        starts.iter().for_each(|(index, start)| say!("{name}-{index} begins at {start}"));
        return;
    };
    let mut listing = Listing::new(&["topic", "partition", "start"]);
    starts.iter().for_each(|(index, start)| listing.row([json!(name), json!(index), json!(start)]));
    listing.print(output);
}
