//! `kafka-delete-records`: removes the records before offsets that a JSON file names.

use std::collections::BTreeMap;

use ottla_client::Client;
use serde_json::{Map, Value};

use super::{
    Stop, Tool, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::new("kafka-delete-records", OPTIONS, run);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    Spec::with(
        "offset-json-file",
        "String: file",
        "REQUIRED: where the partitions shall begin: {\"partitions\": [{\"topic\": \"foo\", \"partition\": 1, \"offset\": 1}], \"version\": 1}; -1 is the end.",
    ),
    connection::COMMAND_CONFIG,
    HELP,
    VERSION,
];

type Partition = (String, i32);

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version(
        "This tool helps to delete records of the given partitions down to the specified offset.",
    )?;
    given.require(&["bootstrap-server", "offset-json-file"])?;
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    let path = given.value("offset-json-file")?.unwrap_or_default();
    let text =
        std::fs::read_to_string(path).map_err(|_| Thrown::new("java.nio.file.NoSuchFileException", path))?;
    let wanted = wanted(&text)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        say!("Executing records delete operation");
        let mut results = Vec::new();
        for ((topic, partition), offset) in wanted {
            let begin = delete(&client, &topic, partition, offset).await;
            results.push(((topic, partition), begin));
        }
        say!("Records delete operation completed:");
        for ((topic, partition), begin) in results {
            match begin {
                Ok(begin) => say!("partition: {topic}-{partition}\tlow_watermark: {begin}"),
                Err(thrown) => say!("partition: {topic}-{partition}\terror: {}", thrown.full()),
            }
        }
        Ok(())
    })
}

/// Where the partition begins then.
async fn delete(client: &Client, topic: &str, partition: i32, offset: i64) -> Result<i64, Thrown> {
    let topic = client.topic(topic, false).await?;
    let begin = client.delete_records(&topic, &BTreeMap::from([(partition, offset)])).await?;
    let missing = || Thrown::of_code(ottla_types::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None);
    begin.get(&partition).copied().ok_or_else(missing)
}

/// The offsets a file names, in its order.
fn wanted(text: &str) -> Result<Vec<(Partition, i64)>, Thrown> {
    let admin =
        |message: String| Thrown::new("org.apache.kafka.server.common.AdminOperationException", message);
    let json: Value =
        serde_json::from_str(text).map_err(|_| admin("The input string is not a valid JSON".into()))?;
    match json.get("version").map_or(Some(1), Value::as_i64) {
        Some(1) => {}
        version => {
            let version = version.map_or_else(|| json["version"].to_string(), |version| version.to_string());
            return Err(admin(format!("Not supported version field value {version}")));
        }
    }
    let partitions = json.get("partitions").ok_or_else(|| admin("Missing partitions field".into()))?;
    let mut wanted: Vec<(Partition, i64)> = Vec::new();
    let mut twice: Vec<String> = Vec::new();
    for partition in partitions.as_array().unwrap_or(&Vec::new()) {
        let nothing = Map::new();
        let fields = partition.as_object().unwrap_or(&nothing);
        let topic = field(fields, "topic", Value::as_str)?.to_owned();
        let index = field(fields, "partition", |value| i32::try_from(value.as_i64()?).ok())?;
        let offset = field(fields, "offset", Value::as_i64)?;
        let name = format!("{topic}-{index}");
        let at = (topic, index);
        if wanted.iter().any(|(known, _)| *known == at) {
            if !twice.contains(&name) {
                twice.push(name);
            }
        } else {
            wanted.push((at, offset));
        }
    }
    if twice.is_empty() {
        return Ok(wanted);
    }
    Err(Thrown::new(
        "org.apache.kafka.server.common.AdminCommandFailedException",
        format!("Offset json file contains duplicate topic partitions: {}", twice.join(",")),
    ))
}

fn field<'a, T>(
    fields: &'a Map<String, Value>,
    name: &str,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Result<T, Thrown> {
    let class = "com.fasterxml.jackson.databind.JsonMappingException";
    let value = fields.get(name);
    let value = value.ok_or_else(|| Thrown::new(class, format!("No such field exists: `{name}`")))?;
    read(value).ok_or_else(|| Thrown::new(class, format!("`{name}` cannot be {value}")))
}
