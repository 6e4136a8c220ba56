//! `ottla txn ls|describe|find-hanging|abort`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use ottla_client::{Client, ClientError, ProducerInfo, TopicInfo};
use ottla_types::ErrorCode;
use serde_json::json;

use super::{Connection, Failure, client_runtime, say::say};
use crate::{
    clock::now_ms,
    output::{Listing, Output},
};

#[derive(Debug, Args)]
pub(crate) struct Txn {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: TxnVerb,
}

#[derive(Debug, Subcommand)]
enum TxnVerb {
    /// List transactional ids
    Ls {
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// State of a transactional id and the partitions in its open transaction
    Describe {
        id: String,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Open transactions in partitions that no coordinator knows of: readers of committed records wait for them for ever
    FindHanging {
        /// Only in this topic
        #[arg(long)]
        topic: Option<String>,
        /// Leave alone what is younger
        #[arg(long, default_value_t = 15)]
        older_than_minutes: i64,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// End an open transaction in a partition by writing an abort into it: only for those that `find-hanging` finds
    Abort {
        topic: String,
        partition: i32,
        /// Where it begins
        #[arg(long)]
        start_offset: i64,
    },
}

impl Txn {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            match self.verb {
                TxnVerb::Ls { output } => list(&client, output).await,
                TxnVerb::Describe { id, output } => describe(&client, &id, output).await,
                TxnVerb::FindHanging { topic, older_than_minutes, output } => {
                    find_hanging(&client, topic, older_than_minutes, output).await
                }
                TxnVerb::Abort { topic, partition, start_offset } => {
                    abort(&client, &topic, partition, start_offset).await
                }
            }
        })
    }
}

async fn list(client: &Client, output: Output) -> Result<(), Failure> {
    let mut listing = Listing::new(&["id", "state", "producer", "coordinator"]);
    for of in client.transactions(&[]).await? {
        listing.row([json!(of.id), json!(of.state), json!(of.producer_id), json!(of.coordinator)]);
    }
    listing.print(output);
    Ok(())
}

async fn describe(client: &Client, id: &str, output: Output) -> Result<(), Failure> {
    let of = client.transaction(id).await?;
    let partitions: Vec<_> = of.partitions.iter().map(|(topic, index)| format!("{topic}-{index}")).collect();
    let mut listing = Listing::new(&[
        "id",
        "state",
        "producer",
        "epoch",
        "timeout_ms",
        "began",
        "coordinator",
        "partitions",
    ]);
    listing.row([
        json!(id),
        json!(of.state),
        json!(of.producer_id),
        json!(of.producer_epoch),
        json!(of.timeout_ms),
        json!(of.began),
        json!(of.coordinator),
        json!(partitions),
    ]);
    listing.print(output);
    Ok(())
}

/// An open transaction in a partition.
struct Open {
    topic: String,
    partition: i32,
    producer: ProducerInfo,
    since: i64,
}

async fn find_hanging(
    client: &Client,
    topic: Option<String>,
    older_than_minutes: i64,
    output: Output,
) -> Result<(), Failure> {
    let topics = match topic {
        Some(name) => vec![client.topic(&name, false).await?],
        None => client.topics().await?,
    };
    let latest = now_ms().saturating_sub(older_than_minutes.saturating_mul(60_000));
    let mut open = Vec::new();
    for topic in &topics {
        open.extend(open_in(client, topic, latest).await?);
    }
    let mut listing =
        Listing::new(&["topic", "partition", "start_offset", "producer", "epoch", "last_timestamp"]);
    for of in open {
        if !is_coordinated(client, &of).await? {
            let (name, partition, since) = (json!(of.topic), json!(of.partition), json!(of.since));
            let producer = &of.producer;
            let epoch = json!(producer.epoch);
            listing.row([name, partition, since, json!(producer.id), epoch, json!(producer.last_timestamp)]);
        }
    }
    listing.print(output);
    Ok(())
}

async fn open_in(client: &Client, topic: &TopicInfo, latest: i64) -> Result<Vec<Open>, Failure> {
    let producers: BTreeMap<i32, Vec<ProducerInfo>> = client.producers(topic).await?;
    let open = producers.into_iter().flat_map(|(partition, all)| {
        let old = all.into_iter().filter(|producer| producer.last_timestamp <= latest);
        old.filter_map(move |producer| Some((partition, producer.open_since?, producer)))
    });
    let name = &topic.name;
    Ok(open
        .map(|(partition, since, producer)| Open { topic: name.clone(), partition, producer, since })
        .collect())
}

/// Whether some coordinator has the partition in an open transaction of this producer.
async fn is_coordinated(client: &Client, open: &Open) -> Result<bool, Failure> {
    for listed in client.transactions(&[open.producer.id]).await? {
        let transaction = match client.transaction(&listed.id).await {
            // It was given up in between.
            Err(ClientError::Refused { code: ErrorCode::TRANSACTIONAL_ID_NOT_FOUND, .. }) => continue,
            found => found?,
        };
        if transaction.partitions.contains(&(open.topic.clone(), open.partition)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn abort(client: &Client, topic: &str, partition: i32, start_offset: i64) -> Result<(), Failure> {
    let topic = client.topic(topic, false).await?;
    let producers = client.producers(&topic).await?;
    let found = producers.get(&partition).into_iter().flatten();
    let mut found = found.filter(|producer| producer.open_since == Some(start_offset));
    let name = &topic.name;
    let producer = found.next().ok_or_else(|| {
        format!("no open transaction begins at offset {start_offset} of {name}-{partition}; `ottla txn find-hanging` lists them")
    })?;
    client.abort_in(&topic, partition, producer).await?;
    say!(
        "aborted the transaction of producer {} at offset {start_offset} of {name}-{partition}",
        producer.id
    );
    Ok(())
}
