//! `--create`, `--alter`, `--delete`.

use std::collections::BTreeSet;

use ottla_client::{Client, ClientError};
use ottla_types::ErrorCode;

use super::{Given, Stop, Thrown, found_or_refused};
use crate::verbs::say::say;

pub(super) async fn create(client: &Client, given: &Given) -> Result<(), Stop> {
    let name = given.value("topic")?.unwrap_or_default();
    let partitions = given.number::<i32>("partitions")?;
    let replicas = given.number::<i32>("replication-factor")?;
    let placed = placement(given)?;
    let configs = configs(given)?;
    if name.contains(['.', '_']) {
        say!(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both."
        );
    }
    let replicas = match replicas.map(i16::try_from) {
        None => -1,
        Some(Ok(replicas)) if replicas >= 1 => replicas,
        _ => {
            let range = format!("The replication factor must be between 1 and {} inclusive", i16::MAX);
            return Err(Thrown::illegal_argument(range).into());
        }
    };
    if partitions.is_some_and(|partitions| partitions < 1) {
        return Err(Thrown::illegal_argument("The partitions must be greater than 0").into());
    }
    let done = if placed.is_empty() {
        client.create_topic(name, partitions.unwrap_or(-1), replicas, &configs).await
    } else {
        client.create_topic_on(name, &placed, &configs).await
    };
    match done {
        Err(ClientError::Refused { code: ErrorCode::TOPIC_ALREADY_EXISTS, .. })
            if given.has("if-not-exists") => {}
        done => {
            done?;
            say!("Created topic {name}.");
        }
    }
    Ok(())
}

pub(super) async fn alter(client: &Client, given: &Given) -> Result<(), Stop> {
    let count = given.number::<i32>("partitions")?.unwrap_or_default();
    let placed = placement(given)?;
    let names = found_or_refused(client, given).await?;
    let mut done = Ok(());
    for name in names {
        let grown = if placed.is_empty() {
            client.add_partitions(&name, count).await
        } else {
            let there = client.topic(&name, false).await?.partitions.len();
            client.add_partitions_on(&name, count, placed.get(there..).unwrap_or_default()).await
        };
        // One that is refused does not keep the others from growing.
        done = done.and(grown);
    }
    Ok(done?)
}

pub(super) async fn delete(client: &Client, given: &Given) -> Result<(), Stop> {
    let mut done = Ok(());
    for name in found_or_refused(client, given).await? {
        done = done.and(client.delete_topic(&name).await);
    }
    Ok(done?)
}

/// `--config`, in the form the broker wants; what the values mean is the broker's to judge.
fn configs(given: &Given) -> Result<Vec<(String, String)>, Thrown> {
    let pair = |text: &str| match text.split('=').map(str::trim).collect::<Vec<_>>().as_slice() {
        [key, value] if !value.is_empty() => Ok(((*key).to_owned(), (*value).to_owned())),
        _ => Err(Thrown::illegal_argument(
            "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
        )),
    };
    given.values("config").into_iter().map(pair).collect()
}

/// `--replica-assignment`: the brokers of each partition.
fn placement(given: &Given) -> Result<Vec<Vec<i32>>, Thrown> {
    let text = given.value("replica-assignment")?.unwrap_or_default();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut placed: Vec<Vec<i32>> = Vec::new();
    for (index, partition) in text.split(',').enumerate() {
        let broker = |text: &str| {
            let wrong =
                |_| Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""));
            text.trim().parse::<i32>().map_err(wrong)
        };
        let brokers = partition.split(':').map(broker).collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        let twice: BTreeSet<_> = brokers.iter().filter(|broker| !seen.insert(**broker)).collect();
        if !twice.is_empty() {
            let twice: Vec<_> = twice.iter().map(ToString::to_string).collect();
            return Err(Thrown::new(
                "org.apache.kafka.server.common.AdminCommandFailedException",
                format!("Partition replica lists may not contain duplicate entries: {}", twice.join(",")),
            ));
        }
        if placed.first().is_some_and(|first| first.len() != brokers.len()) {
            return Err(Thrown::new(
                "org.apache.kafka.server.common.AdminOperationException",
                format!("Partition {index} has different replication factor: {brokers:?}"),
            ));
        }
        placed.push(brokers);
    }
    Ok(placed)
}
