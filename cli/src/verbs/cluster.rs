//! `ottla cluster status|health|quorum|features|api-versions`.

use clap::{Args, Subcommand};
use ottla_client::{Client, ClusterInfo, QuorumReplica, TopicInfo};
use ottla_wire::ApiKey;
use serde_json::json;

use super::{Connection, Failure, client_runtime, say::say};
use crate::output::{Listing, Output};

#[derive(Debug, Args)]
pub(crate) struct Cluster {
    #[command(flatten)]
    connection: Connection,
    #[arg(short, long, value_enum, default_value = "table", global = true)]
    output: Output,
    #[command(subcommand)]
    verb: ClusterVerb,
}

#[derive(Debug, Subcommand)]
enum ClusterVerb {
    /// The brokers, and partitions that are not as they should be
    Status,
    /// The partitions that are not as they should be; fails if there are any
    Health,
    /// Who keeps the metadata, and how far they are
    Quorum,
    /// Levels of features, and which the brokers support
    Features,
    /// Which APIs the brokers serve, in which versions
    ApiVersions {
        /// Only this broker
        #[arg(long)]
        broker: Option<i32>,
    },
}

impl Cluster {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            match self.verb {
                ClusterVerb::Status => status(&client, self.output).await,
                ClusterVerb::Health => health(&client, self.output).await,
                ClusterVerb::Quorum => quorum(&client, self.output).await,
                ClusterVerb::Features => features(&client, self.output).await,
                ClusterVerb::ApiVersions { broker } => api_versions(&client, broker, self.output).await,
            }
        })
    }
}

async fn status(client: &Client, output: Output) -> Result<(), Failure> {
    let cluster = client.cluster().await?;
    let topics = client.topics().await?;
    if output == Output::Table {
        say_totals(&cluster, &topics);
    }
    let partitions = || topics.iter().flat_map(|topic| &topic.partitions);
    let mut listing = Listing::new(&["broker", "address", "rack", "leads", "replicas", "controller"]);
    for broker in &cluster.brokers {
        let leads = partitions().filter(|p| p.leader == broker.id).count();
        let replicas = partitions().filter(|p| p.replicas.contains(&broker.id)).count();
        let (id, address) = (json!(broker.id), json!(broker.address));
        let is_controller = json!(broker.id == cluster.controller);
        listing.row([id, address, json!(broker.rack), json!(leads), json!(replicas), is_controller]);
    }
    listing.print(output);
    Ok(())
}

fn say_totals(cluster: &ClusterInfo, topics: &[TopicInfo]) {
    let partitions = || topics.iter().flat_map(|topic| &topic.partitions);
    let leaderless = partitions().filter(|p| p.leader < 0).count();
    let behind = partitions().filter(|p| p.isr.len() < p.replicas.len()).count();
    say!("cluster {}  topics {}  partitions {}", cluster.id, topics.len(), partitions().count());
    say!("without leader {leaderless}  under-replicated {behind}");
}

async fn health(client: &Client, output: Output) -> Result<(), Failure> {
    let topics = client.topics().await?;
    let mut listing = Listing::new(&["topic", "partition", "leader", "replicas", "in_sync", "what"]);
    let mut ill = 0;
    for (topic, p) in topics.iter().flat_map(|topic| topic.partitions.iter().map(move |p| (topic, p))) {
        let what = match p {
            p if p.leader < 0 => "without leader",
            p if p.isr.len() < p.replicas.len() => "under-replicated",
            _ => continue,
        };
        ill += 1;
        let (name, index) = (json!(topic.name), json!(p.index));
        listing.row([name, index, json!(p.leader), json!(p.replicas), json!(p.isr), json!(what)]);
    }
    if ill > 0 || output != Output::Table {
        listing.print(output);
    }
    if ill > 0 {
        return Err(format!("{ill} partitions are not as they should be").into());
    }
    if output == Output::Table {
        say!("all partitions have a leader and all their replicas");
    }
    Ok(())
}

async fn quorum(client: &Client, output: Output) -> Result<(), Failure> {
    let quorum = client.quorum().await?;
    let columns = &["node", "role", "log_end", "lag", "last_fetch", "last_caught_up", "endpoints"];
    let mut listing = Listing::new(columns);
    let end = quorum.voters.iter().find(|of| of.id == quorum.leader).map(|leader| leader.log_end_offset);
    let mut add = |of: &QuorumReplica, role: &str| {
        let lag = end.map(|end| (end - of.log_end_offset).max(0));
        let (id, log_end) = (json!(of.id), json!(of.log_end_offset));
        let (fetched, caught_up) = (json!(of.last_fetch), json!(of.last_caught_up));
        let endpoints = json!(quorum.endpoints.get(&of.id));
        listing.row([id, json!(role), log_end, json!(lag), fetched, caught_up, endpoints]);
    };
    for voter in &quorum.voters {
        add(voter, if voter.id == quorum.leader { "leader" } else { "voter" });
    }
    quorum.observers.iter().for_each(|observer| add(observer, "observer"));
    if output == Output::Table {
        say!("leader {}  epoch {}  high watermark {}", quorum.leader, quorum.epoch, quorum.high_watermark);
    }
    listing.print(output);
    Ok(())
}

async fn features(client: &Client, output: Output) -> Result<(), Failure> {
    let features = client.features().await?;
    let mut listing = Listing::new(&["feature", "level", "min", "max"]);
    for (name, (min, max)) in &features.supported {
        let level = features.finalized.get(name).copied().unwrap_or(0);
        listing.row([json!(name), json!(level), json!(min), json!(max)]);
    }
    listing.print(output);
    Ok(())
}

async fn api_versions(client: &Client, only: Option<i32>, output: Output) -> Result<(), Failure> {
    let brokers = client.cluster().await?.brokers;
    let mut listing = Listing::new(&["api", "key", "broker", "min", "max", "used"]);
    let mut wanted = brokers.iter().filter(|broker| only.is_none_or(|only| only == broker.id)).peekable();
    if let Some(only) = only.filter(|_| wanted.peek().is_none()) {
        return Err(format!("there is no broker {only}; `ottla cluster status` lists those there are").into());
    }
    for broker in wanted {
        for (code, range) in client.api_versions(broker.id).await? {
            let key = ApiKey::from_code(code);
            // The highest version both know.
            let used = key.map(|key| key.versions()).map(|ours| ours.max.min(range.max));
            let used = used.filter(|used| *used >= range.min);
            let name = key.map_or("unknown", |key| key.name());
            let (id, min, max) = (json!(broker.id), json!(range.min), json!(range.max));
            listing.row([json!(name), json!(code), id, min, max, json!(used)]);
        }
    }
    listing.print(output);
    Ok(())
}
