//! `ottla group ls|describe|lag|reset|rm`.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, Subcommand};
use ottla_client::{Client, GroupInfo, GroupMember};
use serde_json::{Value, json};

use super::{Connection, Failure, client_runtime, offset, say::say};
use crate::output::{Listing, Output};

#[derive(Debug, Args)]
pub(crate) struct Group {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: GroupVerb,
}

#[derive(Debug, Subcommand)]
enum GroupVerb {
    /// List groups of every kind
    Ls {
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Members of a group and what they read
    Describe {
        id: String,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// How far a group is behind, by partition
    Lag {
        id: String,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Make a group without members go on from somewhere else
    Reset {
        id: String,
        /// Where to go on: start, end, N, +N (from the start), -N (before the end), @TIME
        #[arg(long, allow_hyphen_values = true)]
        to: String,
        /// Only these topics; without it those the group has committed offsets of
        #[arg(long)]
        topic: Vec<String>,
        /// Only print what would be done
        #[arg(long)]
        dry_run: bool,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Remove groups without members, with their offsets
    Rm {
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

impl Group {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            match self.verb {
                GroupVerb::Ls { output } => list(&client, output).await,
                GroupVerb::Describe { id, output } => describe(&client, &id, output).await,
                GroupVerb::Lag { id, output } => lag(&client, &id, output).await,
                GroupVerb::Reset { id, to, topic, dry_run, output } => {
                    reset(&client, &id, &to, topic, dry_run).await.map(|listing| listing.print(output))
                }
                GroupVerb::Rm { ids } => {
                    for id in ids {
                        client.delete_group(&id).await?;
                        say!("removed {id}");
                    }
                    Ok(())
                }
            }
        })
    }
}

async fn list(client: &Client, output: Output) -> Result<(), Failure> {
    let mut listing = Listing::new(&["group", "type", "state", "protocol"]);
    for group in client.groups().await? {
        listing.row([json!(group.id), json!(group.kind), json!(group.state), json!(group.protocol)]);
    }
    listing.print(output);
    Ok(())
}

async fn describe(client: &Client, id: &str, output: Output) -> Result<(), Failure> {
    let group = client.group(id).await?;
    if matches!(output, Output::Json | Output::Yaml) {
        whole(id, &group).print(output);
        return Ok(());
    }
    if output == Output::Table {
        let (state, assignor, at) = (&group.state, &group.assignor, group.coordinator);
        say!("{id}  {state}  assignor {assignor}  coordinator {at}  members {}", group.members.len());
    }
    let mut listing = Listing::new(&["member", "instance", "client", "host", "partitions"]);
    for member in group.members {
        let partitions: Vec<_> = member.partitions.iter().map(|(topic, p)| format!("{topic}-{p}")).collect();
        let (id, instance) = (json!(member.id), json!(member.instance));
        listing.row([id, instance, json!(member.client), json!(member.host), json!(partitions)]);
    }
    listing.print(output);
    Ok(())
}

/// The group with its members in it: one without members says something as well.
fn whole(id: &str, group: &GroupInfo) -> Listing {
    let member = |member: &GroupMember| {
        let partitions: Vec<_> = member.partitions.iter().map(|(topic, p)| format!("{topic}-{p}")).collect();
        json!({
            "member": member.id, "instance": member.instance, "client": member.client, "host": member.host,
            "partitions": partitions,
        })
    };
    let mut listing = Listing::new(&["group", "state", "assignor", "coordinator", "members"]);
    let members = group.members.iter().map(member).collect();
    listing.row([
        json!(id),
        json!(group.state),
        json!(group.assignor),
        json!(group.coordinator),
        Value::Array(members),
    ]);
    listing
}

async fn lag(client: &Client, id: &str, output: Output) -> Result<(), Failure> {
    // One that does not exist has no offsets either; the difference is worth telling.
    let group = client.group(id).await?;
    let reads = |topic: &str, partition: i32| {
        let owns = |member: &&GroupMember| {
            member.partitions.iter().any(|(of, number)| of == topic && *number == partition)
        };
        group.members.iter().find(owns).map(|member| member.id.clone())
    };
    let committed = client.committed(id).await?;
    let topics: BTreeSet<_> = committed.keys().map(|(topic, _)| topic.clone()).collect();
    let mut listing = Listing::new(&["topic", "partition", "committed", "end", "lag", "member"]);
    for topic in topics {
        let ends = match client.topic(&topic, false).await {
            Ok(info) => client.list_offsets(&info, -1).await?,
            // Its topic is gone; what the group has committed is still there.
            Err(ottla_client::ClientError::NoTopic(_)) => BTreeMap::new(),
            Err(error) => return Err(error.into()),
        };
        for ((_, partition), at) in committed.iter().filter(|((of, _), _)| *of == topic) {
            let end = ends.get(partition).copied();
            let lag = end.map(|end| (end - at.offset).max(0));
            let member = reads(&topic, *partition);
            let (name, partition) = (json!(topic), json!(partition));
            listing.row([name, partition, json!(at.offset), json!(end), json!(lag), json!(member)]);
        }
    }
    listing.print(output);
    Ok(())
}

async fn reset(
    client: &Client,
    id: &str,
    to: &str,
    topics: Vec<String>,
    dry_run: bool,
) -> Result<Listing, Failure> {
    let to = offset::parse("--to", to)?;
    let committed = client.committed(id).await?;
    let topics: BTreeSet<String> = if topics.is_empty() {
        committed.keys().map(|(topic, _)| topic.clone()).collect()
    } else {
        topics.into_iter().collect()
    };
    if topics.is_empty() {
        return Err(format!("group {id} has committed nothing; --topic names what it shall read").into());
    }
    let mut listing = Listing::new(&["topic", "partition", "from", "to"]);
    let mut wanted = BTreeMap::new();
    for topic in topics {
        for (partition, offset) in client.offsets_at(&topic, to).await? {
            let from = committed.get(&(topic.clone(), partition)).map(|at| at.offset);
            listing.row([json!(topic), json!(partition), json!(from), json!(offset)]);
            wanted.insert((topic.clone(), partition), offset);
        }
    }
    if !dry_run {
        client.commit_for(id, &wanted).await?;
    }
    Ok(listing)
}
