//! `kafka-log-dirs`: the data directories of brokers and what is in them.

use ottla_client::{Client, LogDirInfo, ReplicaSize};
use ottla_types::java::{DEFAULT_ROOM, hash_order, hash_order_by, partition_hash};

use super::{
    Stop, Tool, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::new("kafka-log-dirs", OPTIONS, run);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    connection::COMMAND_CONFIG,
    Spec::flag("describe", "Show the directories."),
    Spec::with("topic-list", "String: topics", "Only these topics, separated by commas."),
    Spec::with("broker-list", "String: brokers", "Only these brokers, separated by commas."),
    HELP,
    VERSION,
];

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version("This tool helps to query log directory usage on the specified brokers.")?;
    given.require(&["bootstrap-server", "describe"])?;
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    let parts = |text: Option<&str>| -> Vec<String> {
        text.unwrap_or_default().split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let topics = parts(given.value("topic-list")?);
    let number = |text: String| {
        let class = "java.lang.NumberFormatException";
        text.parse::<i32>().map_err(|_| Thrown::new(class, format!("For input string: \"{text}\"")))
    };
    let brokers =
        parts(given.value("broker-list")?).into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        describe(&client, &topics, brokers).await
    })
}

async fn describe(client: &Client, topics: &[String], wanted: Vec<i32>) -> Result<(), Stop> {
    let list = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let all: Vec<i32> = client.cluster().await?.brokers.iter().map(|broker| broker.id).collect();
    let unknown: Vec<i32> = wanted.iter().copied().filter(|id| !all.contains(id)).collect();
    if !unknown.is_empty() {
        return Err(Stop::Complained(format!(
            "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
            list(&unknown),
            list(&all)
        )));
    }
    let mut brokers = if wanted.is_empty() { all } else { wanted };
    brokers.sort_unstable();
    brokers.dedup();
    say!("Querying brokers for log directories information");
    let mut described = Vec::new();
    for id in &brokers {
        let dirs = hash_order(client.log_dirs(*id).await?, DEFAULT_ROOM, |dir| dir.path.clone());
        let dirs: Vec<_> = dirs.into_iter().map(|dir| directory(dir, topics)).collect();
        described.push(format!("{{\"broker\":{id},\"logDirs\":[{}]}}", dirs.join(",")));
    }
    say!("Received log directory information from brokers {}", list(&brokers));
    say!("{{\"brokers\":[{}],\"version\":1}}", described.join(","));
    Ok(())
}

/// As JSON, with its fields in the order of Java's hash tables.
fn directory(dir: LogDirInfo, topics: &[String]) -> String {
    let error = match dir.error {
        code if code.is_ok() => "null".to_owned(),
        code => format!("\"{}\"", Thrown::of_code(code, None).class),
    };
    let replicas = dir.replicas.into_iter();
    let replicas = replicas.filter(|replica| topics.is_empty() || topics.contains(&replica.topic));
    let hash = |replica: &ReplicaSize| partition_hash(&replica.topic, replica.partition);
    let replica = |of: ReplicaSize| {
        format!(
            "{{\"partition\":\"{}-{}\",\"size\":{},\"offsetLag\":{},\"isFuture\":{}}}",
            of.topic, of.partition, of.size, of.offset_lag, of.is_future
        )
    };
    let replicas: Vec<_> = hash_order_by(replicas, DEFAULT_ROOM, hash).into_iter().map(replica).collect();
    let path = serde_json::Value::from(dir.path);
    format!("{{\"partitions\":[{}],\"error\":{error},\"logDir\":{path}}}", replicas.join(","))
}
