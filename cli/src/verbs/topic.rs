//! `ottla topic create|ls|describe|rm`.

use clap::{Args, Subcommand, ValueEnum};
use ottla_client::{Client, TopicInfo};
use serde_json::json;

use super::{Connection, Failure, client_runtime, say::say};

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
    /// Remove topics with everything in them
    Rm { names: Vec<String> },
}

/// How lists are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Json,
    Name,
}

impl Topic {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            match self.verb {
                TopicVerb::Create { name, partitions, replicas, config } => {
                    let configs = config.iter().map(|one| pair(one)).collect::<Result<Vec<_>, _>>()?;
                    client.create_topic(&name, partitions, replicas, &configs).await?;
                    say!("created {name}");
                }
                TopicVerb::Ls { internal, output } => list(&client, internal, output).await?,
                TopicVerb::Describe { name, output } => {
                    describe(&client.topic(&name, false).await?, output);
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

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("--config {text}: expected key=value"))?;
    Ok((key.to_owned(), value.to_owned()))
}

async fn list(client: &Client, internal: bool, output: Output) -> Result<(), Failure> {
    let mut topics = client.topics().await?;
    topics.retain(|topic| internal || !topic.internal);
    match output {
        Output::Name => topics.iter().for_each(|topic| say!("{}", topic.name)),
        Output::Json => {
            let rows: Vec<_> = topics.iter().map(as_json).collect();
            say!("{}", serde_json::to_string_pretty(&rows)?);
        }
        Output::Table => {
            let width = topics.iter().map(|topic| topic.name.len()).max().unwrap_or(0).max(4);
            say!("{:width$}  PARTITIONS  REPLICAS", "NAME");
            for topic in &topics {
                let replicas = topic.partitions.first().map_or(0, |partition| partition.replicas.len());
                say!("{:width$}  {:>10}  {replicas:>8}", topic.name, topic.partitions.len());
            }
        }
    }
    Ok(())
}

fn as_json(topic: &TopicInfo) -> serde_json::Value {
    let partition = |p: &ottla_client::PartitionInfo| json!({"partition": p.index, "leader": p.leader, "replicas": p.replicas, "isr": p.isr});
    let partitions: Vec<_> = topic.partitions.iter().map(partition).collect();
    json!({"name": topic.name, "id": topic.id.to_string(), "internal": topic.internal, "partitions": partitions})
}

fn describe(topic: &TopicInfo, output: Output) {
    match output {
        Output::Name => say!("{}", topic.name),
        Output::Json => say!("{:#}", as_json(topic)),
        Output::Table => {
            say!("{}  id {}", topic.name, topic.id);
            say!("PARTITION  LEADER  REPLICAS  IN SYNC");
            for p in &topic.partitions {
                let list = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
                say!("{:>9}  {:>6}  {:<8}  {}", p.index, p.leader, list(&p.replicas), list(&p.isr));
            }
        }
    }
}
