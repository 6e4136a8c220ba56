//! `kafka-consumer-perf-test`: reads records and says how fast they came.

mod date;
mod meter;

use std::time::{Duration, Instant};

use ottla_client::{AssignmentChange, Client, Consumer, RecordBatch};
use ottla_config::Properties;
use regex::Regex;
use tokio::time::sleep;

use self::{date::DateFormat, meter::Meter};
use super::{
    Stop, Tool, client_properties,
    client_settings::{self, ConsumerSettings},
    connection,
    errors::Thrown,
    metrics::Metrics,
    options::{Given, HELP, Spec, VERSION},
    topic_filter,
};
use crate::{
    clock::now_ms,
    verbs::{client_runtime, say::say},
};

pub(super) const TOOL: Tool =
    Tool::new("kafka-consumer-perf-test", OPTIONS, run).complaining(|thrown| Stop::Usage(thrown.message));

/// What Kafka's tool calls its consumer.
const CLIENT_ID: &str = "perf-consumer-client";

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    Spec::with("topic", "String: topic", "The topic to read."),
    Spec::with("include", "String: regex", "The topics to read, by a regular expression."),
    Spec::with("group", "String: group", "The group to be a member of; a new one by default."),
    Spec::with(
        "fetch-size",
        "Integer: bytes",
        "How much of one partition an answer may have. (default: 1048576)",
    ),
    Spec::with("command-property", "String: prop", "A property of the consumer: key=value."),
    Spec::flag("from-latest", "Where the group has no offset, begin behind the last record."),
    Spec::with("socket-buffer-size", "Integer: bytes", "Taken and not needed."),
    Spec::with("consumer.config", "String: file", "The old name of --command-config."),
    Spec::with("command-config", "String: file", "A file with properties of the consumer."),
    Spec::flag(
        "print-metrics",
        "Print what the client has counted, under the names of Kafka's metrics: what it does not count is left out.",
    ),
    Spec::flag("show-detailed-stats", "Say how fast it goes at each interval."),
    Spec::maybe_with("timeout", "Long: milliseconds", "Stop when nothing came for so long. (default: 10000)"),
    Spec::with("messages", "Long: count", "The old name of --num-records."),
    Spec::with("num-records", "Long: count", "REQUIRED: how many records to read."),
    Spec::with(
        "reporting-interval",
        "Long: milliseconds",
        "How often --show-detailed-stats says something. (default: 5000)",
    ),
    Spec::with(
        "date-format",
        "String: pattern",
        "How times are written, as by java.text.SimpleDateFormat; in UTC. (default: yyyy-MM-dd HH:mm:ss:SSS)",
    ),
    Spec::flag("hide-header", "No line with the names of the columns."),
    HELP,
    VERSION,
];

/// How long one look for records takes.
const POLL: Duration = Duration::from_millis(100);
/// How long leaving the group may take.
const GOODBYE: Duration = Duration::from_secs(30);

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version("This tool is used to verify the consumer performance.")?;
    given.require(&["bootstrap-server"])?;
    given.require_one_of("include", "topic")?;
    given.require_one_of("messages", "num-records")?;
    given.exclude("consumer.config", &["command-config"])?;
    for (old, new) in [("messages", "num-records"), ("consumer.config", "command-config")] {
        if given.has(old) {
            say!("Warning: --{old} is deprecated. Use --{new} instead.");
        }
    }
    if !given.has("hide-header") {
        say!("{}", if given.has("show-detailed-stats") { meter::DETAILED } else { meter::TOTAL });
    }
    // Of what went wrong only the message is shown, not its cause.
    measure(given).map_err(|stop| match stop {
        Stop::Thrown(Thrown { message, .. }) => {
            Stop::Complained(message.lines().next().unwrap_or_default().to_owned())
        }
        other => other,
    })
}

fn properties(given: &Given) -> Result<Properties, Thrown> {
    let mut properties =
        client_properties::of(given, &["consumer.config", "command-config"], &["command-property"])?;
    let group =
        given.value("group")?.map_or_else(|| format!("perf-consumer-{}", now_ms() % 100_000), str::to_owned);
    properties.set("bootstrap.servers", given.value("bootstrap-server")?.unwrap_or_default());
    properties.set("group.id", group);
    // Read as a number, so that what is none is refused.
    given.number::<i32>("socket-buffer-size")?;
    let fetch_size = given.number::<i32>("fetch-size")?.unwrap_or(1024 * 1024);
    properties.set("max.partition.fetch.bytes", fetch_size.to_string());
    properties.set("auto.offset.reset", if given.has("from-latest") { "latest" } else { "earliest" });
    Ok(properties)
}

/// When to stop, and what to say.
#[derive(Debug)]
struct Plan {
    records: u64,
    patience: Duration,
    interval_ms: i64,
    dates: DateFormat,
    /// At most so many are looked at at once.
    poll_records: usize,
}

fn measure(given: &Given) -> Result<(), Stop> {
    let properties = properties(given)?;
    let ConsumerSettings { options, group, poll_records } = client_settings::consumer(&properties)?;
    let servers = client_settings::servers(&properties, "consumer")?;
    let client_id = properties.get("client.id").unwrap_or(CLIENT_ID).to_owned();
    let count = if given.has("num-records") { "num-records" } else { "messages" };
    let records = given.number::<i64>(count)?.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let patience = given.number::<i64>("timeout")?.unwrap_or(10_000);
    let plan = Plan {
        records,
        patience: Duration::from_millis(u64::try_from(patience).unwrap_or(0)),
        interval_ms: interval_ms(given)?,
        dates: DateFormat::parse(given.value("date-format")?.unwrap_or("yyyy-MM-dd HH:mm:ss:SSS"))?,
        poll_records,
    };
    client_runtime()?.block_on(async {
        let client = connection::connect_as(&client_id, &servers).await?;
        let topics = topics(given, &client).await?;
        let mut meter = Meter::new(now_ms(), plan.interval_ms, given.has("show-detailed-stats"));
        let consumer = client.consumer().options(options).group(group.unwrap_or_default()).topics(topics);
        let mut consumer =
            consumer.start().await.map_err(|error| Thrown::illegal_argument(error.to_string()))?;
        let read = read(&mut consumer, &plan, &mut meter).await;
        let ended = now_ms();
        let metrics = given.has("print-metrics").then(|| metrics(&client_id, &client, &consumer, &meter));
        let closed = consumer.close(GOODBYE).await;
        read?;
        closed.map_err(|error| Thrown::illegal_argument(error.to_string()))?;
        meter.sum(ended, &plan.dates).iter().for_each(|line| say!("{line}"));
        metrics.into_iter().for_each(Metrics::print);
        Ok(())
    })
}

/// Before the consumer gives up its partitions.
fn metrics(client_id: &str, client: &Client, consumer: &Consumer, meter: &Meter) -> Metrics {
    let mut metrics = Metrics::new(client_id);
    metrics.add_traffic("consumer-metrics", &client.traffic());
    let fetching = "consumer-fetch-manager-metrics";
    metrics.count(fetching, "records-consumed-total", &[], meter.records());
    let assigned = consumer.assignment();
    metrics.count("consumer-coordinator-metrics", "assigned-partitions", &[], assigned.len() as u64);
    let positions = consumer.positions();
    for at in &assigned {
        let (Some(of), Some(position)) = (consumer.watermarks(at), positions.get(at)) else { continue };
        let partition = at.partition.to_string();
        let tags = [("topic", &*at.topic), ("partition", &*partition)];
        let records = |from: i64, to: i64| u64::try_from(to.saturating_sub(from)).unwrap_or_default();
        metrics.count(fetching, "records-lag", &tags, records(*position, of.high_watermark));
        metrics.count(fetching, "records-lead", &tags, records(of.log_start_offset, *position));
    }
    metrics
}

fn interval_ms(given: &Given) -> Result<i64, Thrown> {
    match given.number::<i64>("reporting-interval")?.unwrap_or(5000) {
        interval if interval > 0 => Ok(interval),
        _ => Err(Thrown::illegal_argument("Reporting interval must be greater than 0.")),
    }
}

/// Those there are now, where a pattern says which.
async fn topics(given: &Given, client: &Client) -> Result<Vec<String>, Stop> {
    let Some(pattern) = given.value("include")? else {
        return Ok(given.value("topic")?.into_iter().map(str::to_owned).collect());
    };
    let wrong = |error: regex::Error| Thrown::illegal_argument(error.to_string());
    let pattern = Regex::new(&format!("^(?:{pattern})$")).map_err(wrong)?;
    let topics = client.topics().await?.into_iter().map(|topic| topic.name);
    let topics: Vec<_> =
        topics.filter(|name| pattern.is_match(name) && !topic_filter::is_internal(name)).collect();
    if topics.is_empty() {
        return Err(Thrown::illegal_argument(format!("No topic matches {pattern}")).into());
    }
    Ok(topics)
}

/// One look for records, as Kafka's consumer is polled.
#[derive(Debug, Default)]
struct Look {
    found: usize,
    /// When it found the first.
    at: i64,
}

/// Reads until there were enough records, or none came for too long.
async fn read(consumer: &mut Consumer, plan: &Plan, meter: &mut Meter) -> Result<(), Stop> {
    let mut changes = consumer.assignment_changes();
    let mut last = Instant::now();
    let mut look = Look::default();
    // A look that has begun is finished: what it found counts, and is committed.
    while look.found > 0 || meter.records() < plan.records && last.elapsed() <= plan.patience {
        let batch = tokio::select! {
            biased;
            Some(change) = changes.next() => {
                on_change(meter, &change);
                continue;
            }
            batch = consumer.next_batch() => batch,
            // Only what is there already belongs to the same look.
            () = std::future::ready(()), if look.found > 0 => {
                look = Look::default();
                continue;
            }
            () = sleep(POLL) => continue,
        };
        match batch {
            None => return Err(Thrown::illegal_argument("the consumer is closed").into()),
            Some(Err(error)) => return Err(Thrown::illegal_argument(error.to_string()).into()),
            Some(Ok(batch)) => {
                last = Instant::now();
                count(consumer, plan, meter, &batch, &mut look)?;
            }
        }
    }
    if meter.records() < plan.records {
        let timeout = plan.patience.as_millis();
        say!(
            "WARNING: Exiting before consuming the expected number of records: timeout ({timeout} ms) exceeded. You can use the --timeout option to increase the timeout."
        );
    }
    Ok(())
}

fn on_change(meter: &mut Meter, change: &AssignmentChange) {
    match change {
        AssignmentChange::Assigned(_) => meter.on_assigned(now_ms()),
        AssignmentChange::Revoked(_) | AssignmentChange::Lost(_) => meter.on_revoked(now_ms()),
    }
}

/// Counts a batch; to its end, or to the end of the look in which there were enough.
fn count(
    consumer: &Consumer,
    plan: &Plan,
    meter: &mut Meter,
    batch: &RecordBatch,
    look: &mut Look,
) -> Result<(), Stop> {
    for view in batch.iter() {
        let view = view.map_err(|error| Thrown::illegal_argument(error.to_string()))?;
        let bytes = view.key.map_or(0, <[u8]>::len) + view.value.map_or(0, <[u8]>::len);
        if look.found == 0 {
            look.at = now_ms();
        }
        meter.on_record(look.at, bytes, &plan.dates).iter().for_each(|line| say!("{line}"));
        look.found += 1;
        if look.found >= plan.poll_records {
            look.found = 0;
            if meter.records() >= plan.records {
                consumer.mark_at(batch.at(), view.offset + 1, batch.leader_epoch(), "");
                return Ok(());
            }
        }
    }
    consumer.mark_batch(batch);
    Ok(())
}
