//! `kafka-get-offsets`: where partitions begin and end, or what offset they had at some time.

use std::{collections::BTreeMap, ops::Range};

use ottla_client::Client;
use regex::Regex;

use super::{
    Stop, Tool, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
    topic_filter::{TopicFilter, is_internal},
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::new("kafka-get-offsets", OPTIONS, run).complaining(error_occurred);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    Spec::with(
        "topic-partitions",
        "String: patterns",
        "Topics and partitions, separated by commas: t:1, t:0-3 (the 3 not among them), t:5-, t:-3, t, :0; names are regular expressions.",
    ),
    Spec::with("topic", "String: topic", "The topics, by a regular expression; all without it."),
    Spec::with("partitions", "String: ids", "The partitions, separated by commas; all without it."),
    Spec::with(
        "time",
        "String: time",
        "What is looked for: latest (-1), earliest (-2), max-timestamp (-3), earliest-local (-4), latest-tiered (-5), earliest-pending-upload (-6), or the first record at or after a time in milliseconds. (default: latest)",
    ),
    connection::COMMAND_CONFIG,
    Spec::flag("exclude-internal-topics", "Leave out Kafka's own topics."),
    HELP,
    VERSION,
];

/// Names of times, and how they stand in the request.
const TIMES: &[(&str, i64)] = &[
    ("latest", -1),
    ("earliest", -2),
    ("max-timestamp", -3),
    ("earliest-local", -4),
    ("latest-tiered", -5),
    ("earliest-pending-upload", -6),
];

fn error_occurred(thrown: Thrown) -> Stop {
    Stop::Complained(format!("Error occurred: {}", thrown.message))
}

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version("An interactive shell for getting topic-partition offsets.")?;
    given.require(&["bootstrap-server"])?;
    connection::check_servers(given.value("bootstrap-server")?.unwrap_or_default())?;
    ask(given).map_err(|stop| match stop {
        Stop::Thrown(thrown) => error_occurred(thrown),
        other => other,
    })
}

fn ask(given: &Given) -> Result<(), Stop> {
    let wanted = Wanted::of(given)?;
    let time = time(given.value("time")?.unwrap_or("latest"))?;
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        for (partition, offset) in wanted.offsets(&client, time).await? {
            say!("{partition}:{offset}");
        }
        Ok(())
    })
}

fn terse(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.tools.TerseException", message)
}

fn time(text: &str) -> Result<i64, Thrown> {
    if let Some((_, time)) = TIMES.iter().find(|(name, _)| *name == text) {
        return Ok(*time);
    }
    text.parse().map_err(|_| {
        terse(format!(
            "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp"
        ))
    })
}

/// Which partitions: one of the rules has to fit.
struct Wanted {
    rules: Vec<(TopicFilter, Vec<Range<i32>>)>,
    exclude_internal: bool,
}

impl Wanted {
    fn of(given: &Given) -> Result<Self, Stop> {
        let exclude_internal = given.has("exclude-internal-topics");
        let Some(patterns) = given.value("topic-partitions")? else {
            let filter = TopicFilter::new(given.value("topic")?.unwrap_or(".*"))?;
            let partitions = partitions(given.value("partitions")?.unwrap_or_default())?;
            return Ok(Self { rules: vec![(filter, partitions)], exclude_internal });
        };
        if given.has("topic") || given.has("partitions") {
            return Err(terse("--topic-partitions cannot be used with --topic or --partitions").into());
        }
        let rules = patterns.split(',').map(rule).collect::<Result<_, _>>()?;
        Ok(Self { rules, exclude_internal })
    }

    fn wants(&self, topic: &str, partition: i32) -> bool {
        let fits = |(filter, ranges): &(TopicFilter, Vec<Range<i32>>)| {
            filter.allows(topic, false) && ranges.iter().any(|range| range.contains(&partition))
        };
        !(self.exclude_internal && is_internal(topic)) && self.rules.iter().any(fits)
    }

    /// By `topic:partition`, in the order of Java's `topic-partition`.
    async fn offsets(&self, client: &Client, time: i64) -> Result<Vec<(String, i64)>, Stop> {
        let mut found = BTreeMap::new();
        let mut any = false;
        for mut topic in client.topics().await? {
            topic.partitions.retain(|partition| self.wants(&topic.name, partition.index));
            if topic.partitions.is_empty() {
                continue;
            }
            any = true;
            for (partition, offset) in client.list_offsets(&topic, time).await? {
                let sorted = format!("{}-{partition}", topic.name);
                found.insert(sorted, (format!("{}:{partition}", topic.name), offset));
            }
        }
        if !any {
            return Err(terse("Could not match any topic-partitions with the specified filters").into());
        }
        // There is none where nothing fits the time.
        Ok(found.into_values().filter(|(_, offset)| *offset >= 0).collect())
    }
}

/// `--partitions`; all where it is empty.
fn partitions(text: &str) -> Result<Vec<Range<i32>>, Thrown> {
    if text.is_empty() {
        return Ok(std::iter::once(0..i32::MAX).collect());
    }
    let wrong = |_| {
        terse(format!(
            "--partitions expects a comma separated list of numeric partition ids, but received: {text}"
        ))
    };
    text.split(',').map(|id| id.parse().map(|id: i32| id..id.saturating_add(1)).map_err(wrong)).collect()
}

/// One pattern of `--topic-partitions`.
fn rule(text: &str) -> Result<(TopicFilter, Vec<Range<i32>>), Thrown> {
    let shape =
        Regex::new("^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$").expect("a pattern of our own");
    // In Java the rule is read where nothing may be thrown but what wraps it.
    let wrong =
        || terse(format!("org.apache.kafka.tools.TerseException: Invalid rule specification: {text}"));
    let parts = shape.captures(text).ok_or_else(wrong)?;
    let part = |at: usize| parts.get(at).map(|part| part.as_str()).filter(|part| !part.is_empty());
    let number = |text: &str| text.parse::<i32>().map_err(|_| wrong());
    let filter = TopicFilter::new(part(1).unwrap_or(".*"))?;
    let range = match part(2) {
        Some(one) => number(one)?..number(one)?.saturating_add(1),
        None => part(3).map_or(Ok(0), number)?..part(4).map_or(Ok(i32::MAX), number)?,
    };
    Ok((filter, vec![range]))
}
