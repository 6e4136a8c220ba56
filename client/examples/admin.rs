//! Makes a topic, changes its retention, and shows how far behind the groups are:
//! `cargo run -p ottla-client --example admin -- 127.0.0.1:9092 TOPIC`

use std::{error::Error, io::Write};

use ottla_client::{Client, ConfigChange, Position, Resource};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: admin HOST:PORT TOPIC");
    administer(&word()?, &word()?, std::io::stdout()).await
}

pub(crate) async fn administer(
    address: &str,
    topic: &str,
    mut out: impl Write,
) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(address).await?;
    let cluster = client.cluster().await?;
    writeln!(out, "cluster {} with {} brokers", cluster.id, cluster.brokers.len())?;

    if !client.topics().await?.iter().any(|known| known.name == topic) {
        // Three partitions, and as many replicas as the broker thinks right.
        client.create_topic(topic, 3, -1, &[]).await?;
    }
    let resource = Resource::Topic(topic.to_owned());
    let an_hour = ConfigChange::Set("3600000".to_owned());
    client.change_configs(&resource, &[("retention.ms".to_owned(), an_hour)]).await?;
    for setting in client.configs(&resource).await?.iter().filter(|setting| setting.name == "retention.ms") {
        writeln!(out, "{topic}: {} = {}", setting.name, setting.value.as_deref().unwrap_or("?"))?;
    }

    let ends = client.offsets_at(topic, Position::End).await?;
    for group in client.groups().await? {
        let committed = client.committed(&group.id).await?;
        for ((_, partition), at) in committed.iter().filter(|((of, _), _)| of == topic) {
            let lag = ends.get(partition).map_or(0, |end| end - at.offset);
            writeln!(out, "{} is {lag} records behind in {topic}-{partition}", group.id)?;
        }
    }
    Ok(())
}
