//! `ottla cluster status`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Connection, Failure, client_runtime, say::say};
use crate::output::{Listing, Output};

#[derive(Debug, Args)]
pub(crate) struct Cluster {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: ClusterVerb,
}

#[derive(Debug, Subcommand)]
enum ClusterVerb {
    /// The brokers, and partitions that are not as they should be
    Status {
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
}

impl Cluster {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let ClusterVerb::Status { output } = self.verb;
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let cluster = client.cluster().await?;
            let topics = client.topics().await?;
            let partitions = || topics.iter().flat_map(|topic| &topic.partitions);
            if output == Output::Table {
                let leaderless = partitions().filter(|p| p.leader < 0).count();
                let behind = partitions().filter(|p| p.isr.len() < p.replicas.len()).count();
                say!("cluster {}  topics {}  partitions {}", cluster.id, topics.len(), partitions().count());
                say!("without leader {leaderless}  under-replicated {behind}");
            }
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
        })
    }
}
