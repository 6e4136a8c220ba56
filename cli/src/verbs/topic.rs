//! `ottla topic create|ls|describe|add-partitions|trim|rm`.

use clap::{Args, Subcommand};
use ottla_client::Client;
use serde_json::json;

use super::{Connection, Failure, client_runtime, offset, pair, say::say};
use crate::output::{Listing, Output};

#[derive(Debug, Args)]
pub(crate) struct Topic {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: TopicVerb,
}

#[derive(Debug, Subcommand)]
enum TopicVerb {
    /// Make a topic
    Create {
        name: String,
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
    /// Partitions, leaders and replicas of a topic
    Describe {
        name: String,
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
        /// Where the partitions shall begin: end, N, -N (before the end), @MILLISECONDS
        #[arg(long, allow_hyphen_values = true)]
        before: String,
        /// Only this partition
        #[arg(short, long)]
        partition: Option<i32>,
    },
    /// Remove topics with everything in them
    Rm { names: Vec<String> },
}

impl Topic {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            match self.verb {
                TopicVerb::Create { name, partitions, replicas, config } => {
                    let configs =
                        config.iter().map(|one| pair("--config", one)).collect::<Result<Vec<_>, _>>()?;
                    client.create_topic(&name, partitions, replicas, &configs).await?;
                    say!("created {name}");
                }
                TopicVerb::Ls { internal, output } => list(&client, internal, output).await?,
                TopicVerb::Describe { name, output } => describe(&client, &name, output).await?,
                TopicVerb::AddPartitions { name, count } => {
                    client.add_partitions(&name, count).await?;
                    say!("{name} has {count} partitions");
                }
                TopicVerb::Trim { name, before, partition } => {
                    trim(&client, &name, &before, partition).await?;
                }
                TopicVerb::Rm { names } => {
                    for name in names {
                        client.delete_topic(&name).await?;
                        say!("removed {name}");
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

async fn describe(client: &Client, name: &str, output: Output) -> Result<(), Failure> {
    let topic = client.topic(name, false).await?;
    let mut listing = Listing::new(&["name", "partition", "leader", "replicas", "in_sync"]);
    for p in &topic.partitions {
        listing.row([json!(name), json!(p.index), json!(p.leader), json!(p.replicas), json!(p.isr)]);
    }
    listing.print(output);
    Ok(())
}

async fn trim(client: &Client, name: &str, before: &str, partition: Option<i32>) -> Result<(), Failure> {
    let before = offset::parse("--before", before)?;
    let topic = client.topic(name, false).await?;
    let mut wanted = client.offsets_at(name, before).await?;
    wanted.retain(|index, _| partition.is_none_or(|only| only == *index));
    if wanted.is_empty() {
        return Err(format!("{name} has no partition {}", partition.unwrap_or_default()).into());
    }
    for (index, start) in client.delete_records(&topic, &wanted).await? {
        say!("{name}-{index} begins at {start}");
    }
    Ok(())
}
