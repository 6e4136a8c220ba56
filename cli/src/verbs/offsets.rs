//! `ottla offsets TOPIC`.

use clap::Args;
use serde_json::json;

use super::{Connection, Failure, client_runtime};
use crate::output::{Listing, Output};

/// Where the partitions of a topic begin and end.
#[derive(Debug, Args)]
pub(crate) struct Offsets {
    topic: String,
    #[command(flatten)]
    connection: Connection,
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

impl Offsets {
    pub(crate) fn run(self) -> Result<(), Failure> {
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let topic = client.topic(&self.topic, false).await?;
            let (starts, ends) =
                (client.list_offsets(&topic, -2).await?, client.list_offsets(&topic, -1).await?);
            let mut listing = Listing::new(&["topic", "partition", "start", "end", "records"]);
            for (partition, start) in starts {
                let end = ends.get(&partition).copied().unwrap_or(start);
                let (name, number) = (json!(self.topic), json!(partition));
                listing.row([name, number, json!(start), json!(end), json!(end - start)]);
            }
            listing.print(self.output);
            Ok(())
        })
    }
}
