//! `kafka-console-producer`: a record for each line of standard input.

mod line_reader;

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use ottla_client::{Acks, Client, Producer, ProducerOptions};
use ottla_records::Codec;

use self::line_reader::LineReader;
use super::{
    Stop, Tool, client_properties, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::{
    input::lines,
    verbs::{client_runtime, say::remark},
};

pub(super) const TOOL: Tool =
    Tool::new("kafka-console-producer", OPTIONS, run).complaining(|thrown| Stop::Usage(thrown.message));

const OPTIONS: &[Spec] = &[
    Spec::with("topic", "String: topic", "REQUIRED: where to send."),
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    Spec::flag("sync", "Wait for each record before the next is read."),
    Spec::maybe_with(
        "compression-codec",
        "String: codec",
        "none, gzip, snappy, lz4 or zstd; gzip without a value.",
    ),
    Spec::with(
        "reader-property",
        "String: prop",
        "How lines are read: parse.key, parse.headers, ignore.error (true or false), key.separator, headers.delimiter, headers.separator, headers.key.separator, null.marker.",
    ),
    Spec::with("property", "String: prop", "The old name of --reader-property."),
    Spec::with("reader-config", "String: file", "A file with properties of the reader."),
    Spec::with("line-reader", "String: class", "What reads lines; there is only the default one."),
    Spec::with("command-property", "String: prop", "A property of the producer: key=value."),
    Spec::with("producer-property", "String: prop", "The old name of --command-property."),
    Spec::with("command-config", "String: file", "A file with properties of the producer."),
    Spec::with("producer.config", "String: file", "The old name of --command-config."),
    Spec::with("request-required-acks", "String: acks", "all (-1), 1 or 0. (default: -1)"),
    Spec::with("batch-size", "Integer: bytes", "How large a batch may become."),
    Spec::with("max-partition-memory-bytes", "Integer: bytes", "The old name of --batch-size."),
    Spec::with("max-memory-bytes", "Long: bytes", "How much may wait to be sent."),
    Spec::with(
        "timeout",
        "Long: milliseconds",
        "Taken and not needed: lines go out when no other waits behind them.",
    ),
    Spec::with("request-timeout-ms", "Integer: milliseconds", "How long one request may take."),
    Spec::with(
        "message-send-max-retries",
        "Integer",
        "Taken and not needed: the delivery timeout bounds retries.",
    ),
    Spec::with("retry-backoff-ms", "Long", "How long to wait before a retry."),
    Spec::with("max-block-ms", "Long: milliseconds", "Taken and not needed."),
    Spec::with("metadata-expiry-ms", "Long: milliseconds", "Taken and not needed."),
    Spec::with("socket-buffer-size", "Integer: bytes", "Taken and not needed."),
    HELP,
    VERSION,
];

/// Properties of a producer that mean something here.
const KEYS: &[&str] = &["acks", "compression.type"];

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version("This tool helps to read data from standard input and publish it to Kafka.")?;
    given.require(&["topic"])?;
    let Some(servers) = given.value("bootstrap-server")? else {
        return Err(Stop::Usage("Error while validating the bootstrap address\n".into()));
    };
    connection::check_servers(servers)?;
    client_properties::replaced(
        given,
        "Warning:",
        &[
            ("property", "reader-property"),
            ("producer-property", "command-property"),
            ("producer.config", "command-config"),
        ],
    )?;
    // Whatever is thrown from here on is shown with its class.
    send(given).map_err(|stop| match stop {
        Stop::Thrown(thrown) => Stop::Complained(thrown.full()),
        other => other,
    })
}

fn send(given: &Given) -> Result<(), Stop> {
    let files = ["command-config", "producer.config"];
    let properties = client_properties::of(given, &files, &["command-property", "producer-property"])?;
    if let Some(class) = given.value("line-reader")? {
        let class_name = class.rsplit('.').next();
        if class_name != Some("LineMessageReader") {
            return Err(Thrown::new("java.lang.ClassNotFoundException", class).into());
        }
    }
    let reader = LineReader::of(given)?;
    let codec = if given.has("compression-codec") {
        given.value("compression-codec")?.unwrap_or("gzip")
    } else {
        "none"
    };
    let config = "org.apache.kafka.common.config.ConfigException";
    let codec = Codec::from_name(codec).ok_or_else(|| {
        let allowed = "String must be one of: none, gzip, snappy, lz4, zstd";
        Thrown::new(config, format!("Invalid value {codec} for configuration compression.type: {allowed}"))
    })?;
    let acks = given.value("request-required-acks")?.or_else(|| properties.get("acks"));
    let acks = acks.map_or(Ok(Acks::All), |text| {
        let allowed = "String must be one of: all, -1, 0, 1";
        Acks::from_name(text).ok_or_else(|| {
            Thrown::new(config, format!("Invalid value {text} for configuration acks: {allowed}"))
        })
    })?;
    let mut options = ProducerOptions { codec, acks, ..ProducerOptions::default() };
    options.idempotence = matches!(acks, Acks::All);
    let number = |name: &str| given.number::<u32>(name).map(|number| number.map(|number| number as usize));
    options.batch_bytes =
        number("max-partition-memory-bytes")?.or(number("batch-size")?).unwrap_or(options.batch_bytes);
    options.buffer_bytes = number("max-memory-bytes")?.unwrap_or(options.buffer_bytes);
    let millis = |name: &str| given.number::<u64>(name).map(|number| number.map(Duration::from_millis));
    options.request_timeout = millis("request-timeout-ms")?.unwrap_or(options.request_timeout);
    options.retry_backoff = millis("retry-backoff-ms")?.unwrap_or(options.retry_backoff);
    let rest = client_properties::without(&properties, KEYS);
    let bootstrap = connection::bootstrap(given, &rest)?;
    let topic = given.value("topic")?.unwrap_or_default();
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        produce(&client, topic, options, &reader, given.has("sync")).await
    })
}

async fn produce(
    client: &Client,
    topic: &str,
    options: ProducerOptions,
    reader: &LineReader,
    sync: bool,
) -> Result<(), Stop> {
    let wrong = |error: String| Thrown::new("org.apache.kafka.common.KafkaException", error);
    let producer = Producer::new(client, options).map_err(|error| wrong(error.to_string()))?;
    let mut lines = lines();
    let asks = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut number = 0;
    let ended = loop {
        number += 1;
        if asks {
            let _ = write!(std::io::stdout(), ">").and_then(|()| std::io::stdout().flush());
        }
        let line = match lines.try_recv() {
            Ok(line) => line,
            // What was typed goes out as soon as nothing more is waiting behind it.
            Err(_) => {
                report(producer.flush().await);
                match lines.recv().await {
                    Some(line) => line,
                    None => break Ok(()),
                }
            }
        };
        let record = match line.map_err(Thrown::from).and_then(|line| reader.record(&line, number)) {
            Ok(record) => record,
            Err(thrown) => break Err(thrown),
        };
        if sync {
            producer.send(topic, record).await.map_err(|error| wrong(error.to_string()))?;
        } else if let Err(error) = producer.enqueue(topic, record).await {
            report::<(), _>(Err(error));
        }
    };
    report(producer.flush().await);
    Ok(ended?)
}

/// Kafka's tool logs what could not be sent, goes on and ends well.
fn report<T, E: std::fmt::Display>(done: Result<T, E>) {
    if let Err(error) = done {
        remark(&format!("ERROR Error when sending message: {error}"));
    }
}
