//! Produces or consumes through librdkafka as fast as it can, and says what it cost in one line of JSON: what
//! `rdkafka_performance` does, with a payload that a codec finds neither empty nor random.
//!
//! It knows nothing of the broker it talks to. Start reading at [`produce`] and [`consume`].

mod options;
mod paced;
mod payload;

use std::{
    error::Error,
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use options::{Options, Verb};
use payload::Pool;
use rdkafka::{
    ClientConfig, ClientContext, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
};

type Failure = Box<dyn Error>;

/// No answer for so long means that none will come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run moved, and how long it took.
struct Moved {
    messages: u64,
    bytes: u64,
    seconds: f64,
    cpu_seconds: f64,
    /// From due to acknowledged, of messages that are sent at a rate.
    latencies: Vec<Duration>,
}

/// What the clocks said before the first message.
struct Began {
    at: Instant,
    cpu_seconds: f64,
}

impl Began {
    fn now() -> Result<Self, Failure> {
        Ok(Self { cpu_seconds: cpu_seconds()?, at: Instant::now() })
    }

    fn moved(&self, messages: u64, bytes: u64) -> Result<Moved, Failure> {
        let seconds = self.at.elapsed().as_secs_f64();
        let cpu_seconds = cpu_seconds()? - self.cpu_seconds;
        Ok(Moved { messages, bytes, seconds, cpu_seconds, latencies: Vec::new() })
    }
}

fn main() -> ExitCode {
    let done =
        Options::parse(std::env::args().skip(1)).map_err(Failure::from).and_then(|options| run(&options));
    match done {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench-librdkafka: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<String, Failure> {
    let mut moved = match (options.verb, options.rate) {
        (Verb::Produce, None) => produce(options)?,
        (Verb::Produce, Some(rate)) => paced::produce(options, rate)?,
        (Verb::Consume, _) => consume(options)?,
    };
    moved.latencies.sort_unstable();
    let tail = percentiles(&moved.latencies);
    let Moved { messages, bytes, seconds, cpu_seconds, .. } = moved;
    Ok(format!(
        "{{\"messages\":{messages},\"bytes\":{bytes},\"seconds\":{seconds:.6},\"client_cpu_seconds\":{cpu_seconds:.2}{tail}}}"
    ))
}

/// Median and tails of sorted latencies, as further fields.
fn percentiles(sorted: &[Duration]) -> String {
    let Some(last) = sorted.len().checked_sub(1) else { return String::new() };
    let at = |percent: f64| sorted[(percent / 100.0 * last as f64).ceil() as usize].as_secs_f64() * 1e3;
    format!(",\"p50_ms\":{:.4},\"p99_ms\":{:.4},\"p999_ms\":{:.4}", at(50.0), at(99.0), at(99.9))
}

/// CPU time of this process so far: user and system, in hundredths of a second.
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The program's name is in parentheses and may hold anything; the 14th and 15th fields follow it.
    let fields = stat.rsplit_once(')').ok_or("/proc/self/stat has no name")?.1;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / 100.0)
}

fn base_config(options: &Options) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &options.brokers);
    for (key, value) in &options.settings {
        config.set(key, value);
    }
    config
}

/// Counts what the broker has acknowledged.
#[derive(Default)]
struct Acknowledged {
    counts: std::sync::Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    done: u64,
    failed: Option<KafkaError>,
}

impl ClientContext for Acknowledged {}

impl ProducerContext for Acknowledged {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let mut counts = self.counts.lock().expect("nobody panics with this lock");
        match result {
            Ok(_) => counts.done += 1,
            Err((error, _)) => counts.failed = Some(error.clone()),
        }
    }
}

impl Acknowledged {
    fn so_far(&self) -> Result<u64, Failure> {
        let counts = self.counts.lock().expect("nobody panics with this lock");
        counts.failed.clone().map_or(Ok(counts.done), |error| Err(error.into()))
    }
}

fn producer_config(options: &Options) -> ClientConfig {
    let mut config = base_config(options);
    config.set("acks", &options.acks).set("linger.ms", &options.linger_ms);
    config.set("compression.codec", &options.codec).set("enable.idempotence", options.idempotent.to_string());
    // As rdkafka_performance does: enough messages in the queue that the broker, not the queue, sets the pace.
    config.set("queue.buffering.max.messages", "500000");
    config
}

/// Sends as fast as it goes.
fn produce(options: &Options) -> Result<Moved, Failure> {
    let config = producer_config(options);
    let producer: BaseProducer<Acknowledged> = config.create_with_context(Acknowledged::default())?;
    let pool = Pool::new(options.size);
    // The clock starts when the broker is known, not with the first connection.
    producer.client().fetch_metadata(Some(&options.topic), PATIENCE)?;
    let began = Began::now()?;
    for index in 0..options.count {
        let partition = (index % u64::from(options.partitions)) as i32;
        let mut record =
            BaseRecord::<(), [u8]>::to(&options.topic).partition(partition).payload(pool.message(index));
        while let Err((error, again)) = producer.send(record) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            producer.poll(Duration::from_millis(10));
            record = again;
        }
        if index % 64 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(PATIENCE)?;
    let messages = producer.context().so_far()?;
    let moved = began.moved(messages, messages * options.size as u64)?;
    if messages != options.count {
        return Err(format!("{messages} of {} messages were acknowledged", options.count).into());
    }
    Ok(moved)
}

fn consume(options: &Options) -> Result<Moved, Failure> {
    let mut config = base_config(options);
    // Partitions are assigned by hand; the group is only what librdkafka insists on.
    config
        .set("group.id", "bench")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false");
    // Otherwise a fetch that expands past the queue's limit stalls the consumer for a second.
    config.set("fetch.queue.backoff.ms", "10");
    let consumer: BaseConsumer = config.create()?;
    let mut partitions = TopicPartitionList::new();
    for partition in 0..options.partitions {
        partitions.add_partition_offset(&options.topic, partition as i32, Offset::Offset(0))?;
    }
    consumer.fetch_metadata(Some(&options.topic), PATIENCE)?;
    let began = Began::now()?;
    consumer.assign(&partitions)?;
    let (mut messages, mut bytes) = (0, 0);
    while messages < options.count {
        let message = consumer.poll(PATIENCE).ok_or(format!("no message after {messages}"))??;
        messages += 1;
        bytes += message.payload_len() as u64;
    }
    began.moved(messages, bytes)
}
