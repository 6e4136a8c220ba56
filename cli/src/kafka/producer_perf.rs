//! `kafka-producer-perf-test`: sends records and says how fast they went.

mod load;
mod payloads;
mod stats;

use std::sync::{Arc, Mutex};

use ottla_client::Client;
use ottla_config::Properties;

use self::{
    load::Load,
    payloads::Payloads,
    stats::{Report, Stats},
};
use super::{
    Stop, Tool,
    argparse::{Grammar, Kind, Parsed, flag, value, values},
    client_settings, connection,
    errors::Thrown,
    metrics::Metrics,
    sender::{Sender, lock},
};
use crate::{
    clock::now_ms,
    verbs::{say::say, sending_runtime},
};

pub(super) const TOOL: Tool = Tool::of_words("kafka-producer-perf-test", run);

/// What Kafka's tool calls its producer.
const CLIENT_ID: &str = "perf-producer-client";

const GRAMMAR: Grammar = Grammar {
    program: "kafka-producer-perf-test",
    about: "This tool sends records as fast as it can or is told to, and says how fast that was.",
    options: &[
        value("--bootstrap-server").says("Brokers to begin with, as host:port,..."),
        // In this order Kafka's tool misses them.
        value("--throughput")
            .of(Kind::Double)
            .required()
            .says("At most about so many records a second; -1 for as many as go."),
        value("--num-records").of(Kind::Long).required().says("How many records to send."),
        value("--topic").required().says("Where to send."),
        value("--record-size").of(Kind::Int).says("Each record has so many random letters."),
        value("--payload-file").says("Each record is a text of this file, chosen at random."),
        flag("--payload-monotonic").says("Each record is its number."),
        value("--payload-delimiter")
            .says("What stands between the texts of the file: a regular expression. (default: a line end)"),
        values("--producer-props").says("The old name of --command-property."),
        values("--command-property").says("Properties of the producer."),
        value("--producer.config").says("The old name of --command-config."),
        value("--command-config").says("A file with properties of the producer."),
        flag("--print-metrics")
            .says("Print what the client has counted, under the names of Kafka's metrics: what it does not count is left out."),
        value("--transactional-id")
            .says("Send in transactions of this id. (default: a new one, where there is a duration)"),
        value("--transaction-duration-ms")
            .of(Kind::Long)
            .says("How long a transaction takes. (default: 3000, where there is an id)"),
        value("--warmup-records")
            .of(Kind::Long)
            .says("So many records come first, and are left out of a second sum."),
        value("--reporting-interval")
            .of(Kind::Long)
            .says("How often to say how fast it goes, in milliseconds. (default: 5000)"),
    ],
    commands: &[],
    one_of: &[&["--record-size", "--payload-file", "--payload-monotonic"]],
};

/// What is to be done.
#[derive(Debug)]
struct Run {
    topic: String,
    records: u64,
    warmup: u64,
    throughput: f64,
    interval_ms: i64,
    payloads: Payloads,
    properties: Properties,
    /// How long a transaction takes, where there are transactions.
    transaction_ms: Option<i64>,
    prints_metrics: bool,
}

fn run(words: &[String]) -> Result<(), Stop> {
    let parsed = GRAMMAR.read_or_show(words)?;
    Run::of(&parsed).and_then(perform).map_err(Stop::uncaught)
}

impl Run {
    fn of(parsed: &Parsed) -> Result<Self, Stop> {
        let number = |name, otherwise| parsed.number::<i64>(name).unwrap_or(otherwise);
        let (records, warmup) = (number("--num-records", 0), number("--warmup-records", 0).max(0));
        check(parsed, records, warmup)?;
        let payloads = payloads(parsed)?;
        let replaced =
            [("--producer-props", "--command-property"), ("--producer.config", "--command-config")];
        for (old, new) in replaced.iter().filter(|(old, _)| parsed.has(old)) {
            say!(
                "Option {old} has been deprecated and will be removed in a future version. Use {new} instead."
            );
        }
        let mut properties = properties(parsed)?;
        let transaction_ms = transactions(parsed, &mut properties);
        Ok(Self {
            topic: parsed.value("--topic").unwrap_or_default().to_owned(),
            records: records.unsigned_abs(),
            warmup: warmup.unsigned_abs(),
            throughput: parsed.number("--throughput").unwrap_or(-1.0),
            interval_ms: number("--reporting-interval", 5000),
            payloads,
            properties,
            transaction_ms,
            prints_metrics: parsed.has("--print-metrics"),
        })
    }
}

/// Whoever names an id or a duration wants transactions; the other one is made up.
fn transactions(parsed: &Parsed, properties: &mut Properties) -> Option<i64> {
    let duration = parsed.number("--transaction-duration-ms");
    let id = parsed.value("--transactional-id").or_else(|| properties.get("transactional.id"));
    if duration.is_none() && id.is_none() {
        return None;
    }
    let new = || format!("performance-producer-{}-{}", std::process::id(), now_ms());
    let id = id.map_or_else(new, str::to_owned);
    properties.set("transactional.id", id);
    Some(duration.unwrap_or(3000))
}

fn check(parsed: &Parsed, records: i64, warmup: i64) -> Result<(), Stop> {
    let positive = |name| parsed.number::<i64>(name).is_none_or(|number| number > 0);
    let sources = [
        "--bootstrap-server",
        "--command-property",
        "--producer-props",
        "--producer.config",
        "--command-config",
    ];
    let both = |one, other| parsed.has(one) && parsed.has(other);
    let wrong = if records <= 0 {
        "--num-records should be greater than zero."
    } else if warmup >= records {
        "The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records."
    } else if !positive("--record-size") {
        "--record-size should be greater than zero."
    } else if !sources.iter().any(|name| parsed.has(name)) {
        "At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or --command-config must be specified."
    } else if both("--command-property", "--producer-props") {
        "--command-property and --producer-props cannot be specified together."
    } else if both("--command-config", "--producer.config") {
        "--command-config and --producer.config cannot be specified together."
    } else if !positive("--transaction-duration-ms") {
        "--transaction-duration-ms should be greater than zero."
    } else if !positive("--reporting-interval") {
        "--reporting-interval should be greater than zero."
    } else {
        return Ok(());
    };
    Err(GRAMMAR.complaint(wrong))
}

fn payloads(parsed: &Parsed) -> Result<Payloads, Stop> {
    match (parsed.value("--payload-file"), parsed.number("--record-size")) {
        (Some(path), _) => Payloads::of_file(path, parsed.value("--payload-delimiter").unwrap_or("\n")),
        (None, Some(size)) => Ok(Payloads::random(size)),
        (None, None) => Ok(Payloads::counted()),
    }
}

/// The file, then the single ones, then the option.
fn properties(parsed: &Parsed) -> Result<Properties, Thrown> {
    let file = parsed.value("--producer.config").or_else(|| parsed.value("--command-config"));
    let mut properties = file.map_or_else(|| Ok(Properties::default()), connection::read)?;
    for pair in parsed.all("--producer-props").iter().chain(parsed.all("--command-property")) {
        // Empty pieces at the end do not count, as everywhere in Java.
        match pair.trim_end_matches('=').split('=').collect::<Vec<_>>().as_slice() {
            [key, value] => properties.set(*key, *value),
            _ => return Err(Thrown::illegal_argument(format!("Invalid property: {pair}"))),
        }
    }
    if let Some(servers) = parsed.value("--bootstrap-server") {
        properties.set("bootstrap.servers", servers);
    }
    Ok(properties)
}

fn perform(run: Run) -> Result<(), Stop> {
    let options = client_settings::producer(&run.properties)?;
    let servers = client_settings::servers(&run.properties, "producer")?;
    let client_id = run.properties.get("client.id").unwrap_or(CLIENT_ID).to_owned();
    sending_runtime()?.block_on(async {
        let client = connection::connect_as(&client_id, &servers).await?;
        if run.warmup > 0 {
            let warmup = run.warmup;
            say!("Warmup first {warmup} records. Steady state results will print after the complete test summary.");
        }
        let all = Stats::new(run.records, run.interval_ms, false);
        let report = Arc::new(Mutex::new(Report { all, steady: None, failed: 0 }));
        let (topic, prints_metrics) = (run.topic.clone(), run.prints_metrics);
        let sender = Sender::new(&client, options.delivery_timeout, &run.topic, Arc::clone(&report));
        Load::new(run, sender, Arc::clone(&report)).send(&client, options).await?;
        lock(&report).print_totals();
        if prints_metrics {
            metrics(&client_id, &topic, &client, lock(&report).counts()).print();
        }
        Ok(())
    })
}

fn metrics(client_id: &str, topic: &str, client: &Client, (taken, failed): (u64, u64)) -> Metrics {
    let mut metrics = Metrics::new(client_id);
    metrics.add_traffic("producer-metrics", &client.traffic());
    let topic = [("topic", topic)];
    for (group, tags) in [("producer-metrics", &[][..]), ("producer-topic-metrics", &topic[..])] {
        metrics.count(group, "record-error-total", tags, failed);
        // How many of those that failed were sent is not known.
        if failed == 0 {
            metrics.count(group, "record-send-total", tags, taken);
        }
    }
    metrics
}
