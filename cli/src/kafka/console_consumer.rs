//! `kafka-console-consumer`: prints records as they come.

mod formatter;
mod source;

use std::{
    io::{ErrorKind, Write},
    time::Duration,
};

use ottla_client::Consumer;
use tokio::{signal::unix, time::timeout};

use self::{formatter::Formatter, source::Source};
use super::{
    Stop, Tool, client_properties, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{
    client_runtime,
    say::{remark, say},
};

pub(super) const TOOL: Tool =
    Tool::new("kafka-console-consumer", OPTIONS, run).complaining(|thrown| Stop::Usage(thrown.message));

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    Spec::with("topic", "String: topic", "The topic to read."),
    Spec::with("include", "String: regex", "The topics to read, by a regular expression."),
    Spec::with(
        "partition",
        "Integer: partition",
        "Only this partition; from its end on unless --offset says otherwise.",
    ),
    Spec::with(
        "offset",
        "String: offset",
        "Where in the partition to begin: a number, earliest or latest. (default: latest)",
    ),
    Spec::flag("from-beginning", "Where nothing says where to begin, begin with the first record."),
    Spec::with("group", "String: group", "The group to be a member of."),
    Spec::with("max-messages", "Integer: number", "Stop after so many records."),
    Spec::with("timeout-ms", "Long: milliseconds", "Stop when nothing came for so long."),
    Spec::with(
        "isolation-level",
        "String",
        "read_committed leaves out what is not committed. (default: read_uncommitted)",
    ),
    Spec::with(
        "formatter",
        "String: class",
        "How records are printed: the default formatter, or NoOpMessageFormatter for not at all.",
    ),
    Spec::with(
        "formatter-property",
        "String: prop",
        "print.key, print.value, print.timestamp, print.offset, print.partition, print.headers, print.epoch (true or false), key.separator, line.separator, headers.separator, null.literal, key.deserializer, value.deserializer, headers.deserializer.",
    ),
    Spec::with("formatter-config", "String: file", "A file with properties of the formatter."),
    Spec::with("property", "String: prop", "The old name of --formatter-property."),
    Spec::with("key-deserializer", "String: class", "What keys are."),
    Spec::with("value-deserializer", "String: class", "What values are."),
    Spec::with("command-property", "String: prop", "A property of the consumer: key=value."),
    Spec::with("consumer-property", "String: prop", "The old name of --command-property."),
    Spec::with("command-config", "String: file", "A file with properties of the consumer."),
    Spec::with("consumer.config", "String: file", "The old name of --command-config."),
    Spec::flag("skip-message-on-error", "Go on behind a record that cannot be printed."),
    Spec::flag("enable-systest-events", "Say when it is over."),
    HELP,
    VERSION,
];

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version(
        "This tool helps to read data from Kafka topics and outputs it to standard output.",
    )?;
    check(given)?;
    client_properties::replaced(
        given,
        "Option",
        &[
            ("property", "formatter-property"),
            ("consumer-property", "command-property"),
            ("consumer.config", "command-config"),
        ],
    )?;
    let properties = client_properties::of(
        given,
        &["command-config", "consumer.config"],
        &["command-property", "consumer-property"],
    )?;
    let source = Source::of(given, &properties)?;
    let mut formatter = Formatter::of(given)?;
    let limit = given.number::<i64>("max-messages")?.and_then(|limit| u64::try_from(limit).ok());
    let patience = given.number::<i64>("timeout-ms")?.and_then(|limit| u64::try_from(limit).ok());
    let patience = patience.map(Duration::from_millis);
    let rest = client_properties::without(&properties, source::KEYS);
    let bootstrap = connection::bootstrap(given, &rest)?;
    let printed = client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        formatter.learn(&client, &source).await?;
        let mut consumer = source.open(&client).await?;
        let printed = print(&mut consumer, &formatter, limit, patience).await;
        // What was printed is committed, whatever happened then.
        let closed = consumer.close(Duration::from_secs(10)).await;
        let printed = printed?;
        closed.map_err(|error| Thrown::illegal_argument(error.to_string()))?;
        Ok::<_, Stop>(printed)
    })?;
    remark(&format!("Processed a total of {printed} messages"));
    if given.has("enable-systest-events") {
        say!("shutdown_complete");
    }
    Ok(())
}

fn check(given: &Given) -> Result<(), Stop> {
    let usage = |message: &str| Err(Stop::Usage(message.to_owned()));
    given.require_one_of("include", "topic")?;
    if given.has("partition") {
        if !given.has("topic") {
            return usage("The topic is required when partition is specified.");
        }
        if given.has("from-beginning") && given.has("offset") {
            return usage("Options from-beginning and offset cannot be specified together.");
        }
    } else if given.has("offset") {
        return usage("The partition is required when offset is specified.");
    }
    given.require(&["bootstrap-server"])
}

/// Prints until there were enough, nothing more comes, nobody reads or somebody interrupts; says how many.
async fn print(
    consumer: &mut Consumer,
    formatter: &Formatter,
    limit: Option<u64>,
    patience: Option<Duration>,
) -> Result<u64, Stop> {
    let mut out = std::io::stdout().lock();
    let mut terminated = unix::signal(unix::SignalKind::terminate())?;
    let mut count = 0;
    while limit.is_none_or(|limit| count < limit) {
        let next = async {
            match patience {
                Some(patience) => timeout(patience, consumer.next()).await.ok(),
                None => Some(consumer.next().await),
            }
        };
        let next = tokio::select! {
            next = next => next,
            _ = tokio::signal::ctrl_c() => None,
            _ = terminated.recv() => None,
        };
        let Some(Some(record)) = next else { break };
        let record = record.map_err(|error| Thrown::illegal_argument(error.to_string()))?;
        count += 1;
        match out.write_all(&formatter.print(&record)).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                remark("Unable to write to standard out, closing consumer.");
                break;
            }
            written => written?,
        }
        consumer.mark(&record);
    }
    Ok(count)
}
