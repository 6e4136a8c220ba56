//! `ottla offsets TOPIC…`.

use clap::Args;
use serde_json::json;

use super::{Connection, Failure, client_runtime};
use crate::output::{Listing, Output};

/// Where the partitions of topics begin and end.
#[derive(Debug, Args)]
pub(crate) struct Offsets {
    #[arg(required = true)]
    topic: Vec<String>,
    #[command(flatten)]
    connection: Connection,
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

impl Offsets {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let mut listing = Listing::new(&["topic", "partition", "start", "end", "records"]);
            for name in &self.topic {
                let topic = client.topic(name, false).await?;
                let (starts, ends) =
                    (client.list_offsets(&topic, -2).await?, client.list_offsets(&topic, -1).await?);
                for (partition, start) in starts {
                    let end = ends.get(&partition).copied().unwrap_or(start);
                    let row = [json!(name), json!(partition), json!(start), json!(end), json!(end - start)];
                    listing.row(row);
                }
            }
            listing.print(self.output);
            Ok(())
        })
    }
}
