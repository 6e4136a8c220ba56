//! Which partitions are meant: `--topic t`, `--topic t:0,1`, and the lines of `--from-file`.

use std::collections::BTreeMap;

use ottla_client::{Client, ClientError};

use super::{Given, Stop, Thrown};

pub(super) type Partition = (String, i32);

/// What a file says, by group; without a group in it, it is for the one that is named.
pub(super) type File = BTreeMap<String, BTreeMap<Partition, i64>>;

/// The partitions of one `--topic`.
pub(super) async fn partitions(client: &Client, text: &str) -> Result<Vec<Partition>, ClientError> {
    let Some((topic, indexes)) = text.split_once(':') else {
        let topic = client.topic(text, false).await?;
        return Ok(topic.partitions.iter().map(|partition| (topic.name.clone(), partition.index)).collect());
    };
    Ok(indexes.split(',').filter_map(|index| Some((topic.to_owned(), index.trim().parse().ok()?))).collect())
}

/// The partitions to reset for a group.
pub(super) async fn to_reset(client: &Client, given: &Given, group: &str) -> Result<Vec<Partition>, Stop> {
    if given.has("all-topics") {
        return Ok(client.committed(group).await?.into_keys().collect());
    }
    if given.has("topic") {
        let mut found = Vec::new();
        for text in given.values("topic") {
            found.extend(partitions(client, text).await?);
        }
        return Ok(found);
    }
    if given.has("from-file") {
        return Ok(Vec::new());
    }
    Err(Stop::Usage("One of the reset scopes should be defined: --all-topics, --topic.".into()))
}

/// Reads the file of `--from-file`: `topic,partition,offset` or `group,topic,partition,offset`.
pub(super) fn file(given: &Given) -> Result<Option<File>, Stop> {
    let Some(path) = given.value("from-file")? else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Thrown::new("java.lang.RuntimeException", format!("java.nio.file.NoSuchFileException: {path}"))
        }
        _ => error.into(),
    })?;
    let groups = given.values("group");
    let only = match groups.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let mut plan = File::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
        let (group, topic, partition, offset) = match (fields.as_slice(), only) {
            ([topic, partition, offset], Some(group)) => (group, topic, partition, offset),
            ([group, topic, partition, offset], _) => (*group, topic, partition, offset),
            _ => return Err(wrong(line).into()),
        };
        let partition = partition.parse::<i32>().map_err(|_| wrong(line))?;
        let offset = offset.parse::<i64>().map_err(|_| wrong(line))?;
        plan.entry(group.to_owned()).or_default().insert(((*topic).to_owned(), partition), offset);
    }
    Ok(Some(plan))
}

fn wrong(line: &str) -> Thrown {
    Thrown::new(
        "java.lang.RuntimeException",
        format!("`{line}` is neither topic,partition,offset nor group,topic,partition,offset"),
    )
}
