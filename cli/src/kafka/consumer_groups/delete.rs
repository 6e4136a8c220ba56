//! `--delete` and `--delete-offsets`.

use std::collections::BTreeMap;

use ottla_client::{Client, ClientError};
use ottla_types::{
    ErrorCode,
    java::{DEFAULT_ROOM, hash_order},
};

use super::{Given, Stop, Thrown, complain, plan, wanted};
use crate::verbs::say::say;

pub(super) async fn groups(client: &Client, given: &Given) -> Result<(), Stop> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for id in hash_order(wanted(client, given).await?, DEFAULT_ROOM, Clone::clone) {
        match client.delete_group(&id).await {
            Ok(()) => done.push(format!("'{id}'")),
            Err(error) => failed.push((id, Thrown::from(error))),
        }
    }
    let done = done.join(", ");
    if failed.is_empty() {
        say!("Deletion of requested consumer groups ({done}) was successful.");
        return Ok(());
    }
    complain("Deletion of some consumer groups failed:");
    for (id, thrown) in failed {
        say!("* Group '{id}' could not be deleted due to: {}", thrown.full());
    }
    if !done.is_empty() {
        say!("\nThese consumer groups were deleted successfully: {done}");
    }
    Ok(())
}

pub(super) async fn offsets(client: &Client, given: &Given) -> Result<(), Stop> {
    let group = given.value("group")?.unwrap_or_default();
    // What became of each partition; −1 stands for a topic that is not there.
    let mut results: BTreeMap<(String, i32), Option<Thrown>> = BTreeMap::new();
    let mut partitions = Vec::new();
    for text in given.values("topic") {
        match plan::partitions(client, text).await {
            Ok(of) => partitions.extend(of),
            Err(ClientError::NoTopic(topic)) => {
                let unknown = Thrown::of_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None);
                results.insert((topic, -1), Some(unknown));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let thrown = |code: ErrorCode| (!code.is_ok()).then(|| Thrown::of_code(code, None));
    match client.delete_offsets(group, &partitions).await {
        Ok(done) => {
            match done.values().find(|code| !code.is_ok()) {
                None => say!("Request succeeded for deleting offsets from group {group}."),
                Some(code) => complain(&Thrown::of_code(*code, None).message),
            }
            results.extend(done.into_iter().map(|(partition, code)| (partition, thrown(code))));
        }
        Err(error) => {
            let error = Thrown::from(error);
            complain(&error.message);
            results.extend(partitions.into_iter().map(|partition| (partition, Some(error.clone()))));
        }
    }
    say!("\n{:15} {:10} {:15}", "TOPIC", "PARTITION", "STATUS");
    for ((topic, partition), error) in results {
        let partition = if partition < 0 { "-".to_owned() } else { partition.to_string() };
        let status =
            error.map_or_else(|| "Successful".to_owned(), |error| format!("Error: {}", error.full()));
        say!("{topic:15} {partition:10} {status:15}");
    }
    Ok(())
}
