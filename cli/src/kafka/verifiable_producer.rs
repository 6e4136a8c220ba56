//! `kafka-verifiable-producer`: sends integers, and says of each whether it was acknowledged.

use std::sync::{Arc, Mutex};

use ottla_client::{Ack, OutgoingRecord, Producer};
use ottla_config::Properties;
use serde_json::json;

use super::{
    Stop, Tool,
    argparse::{Grammar, Kind, Parsed, value},
    client_properties, client_settings, connection,
    errors::Thrown,
    events::tell,
    sender::{Sender, Told, lock, producer},
    signals::asked_to_end,
    throttle::Throttle,
};
use crate::{clock::now_ms, verbs::sending_runtime};

pub(super) const TOOL: Tool = Tool::of_words("kafka-verifiable-producer", run);

const GRAMMAR: Grammar = Grammar {
    program: "verifiable-producer",
    about: "This tool sends increasing integers and prints what became of each as JSON.",
    options: &[
        value("--topic").required().says("Where to send."),
        value("--bootstrap-server").says("Brokers to begin with, as host:port,..."),
        value("--max-messages").of(Kind::Int).says("Send so many; -1 until somebody ends it. (default: -1)"),
        value("--throughput")
            .of(Kind::Int)
            .says("At most about so many a second; -1 for as many as go. (default: -1)"),
        value("--acks")
            .of(Kind::OneOf(&[0, 1, -1]))
            .says("When a record counts as sent: 0, 1 or -1 for all. (default: -1)"),
        value("--producer.config").says("The old name of --command-config."),
        value("--command-config")
            .says("A file with properties of the producer; they count more than the options."),
        value("--message-create-time").of(Kind::Long).says("The time of the first record, in milliseconds."),
        value("--value-prefix").of(Kind::Int).says("A number that stands before each value, with a dot."),
        value("--repeating-keys").of(Kind::Int).says("Keys are counted from 0 up to this, again and again."),
    ],
    commands: &[],
    one_of: &[&["--bootstrap-server"]],
};

/// What is sent.
#[derive(Debug)]
struct Integers {
    prefix: Option<i32>,
    /// Keys are counted up to this.
    keys: Option<i32>,
    next_key: i32,
    /// Given by the tool, not by the clock.
    create_time: Option<i64>,
    began: i64,
}

fn run(words: &[String]) -> Result<(), Stop> {
    let parsed = GRAMMAR.read_or_show(words)?;
    let properties = properties(&parsed)?;
    perform(&parsed, &properties).map_err(Stop::uncaught)
}

/// What the file says counts.
fn properties(parsed: &Parsed) -> Result<Properties, Stop> {
    let mut properties = Properties::default();
    properties.set("bootstrap.servers", parsed.value("--bootstrap-server").unwrap_or_default());
    properties.set("acks", parsed.value("--acks").unwrap_or("-1"));
    let file = client_properties::file(&GRAMMAR, parsed, "--producer.config")?;
    for (key, value) in file.iter() {
        properties.set(key, value);
    }
    Ok(properties)
}

fn perform(parsed: &Parsed, properties: &Properties) -> Result<(), Stop> {
    if properties.get("transactional.id").is_some() {
        // Kafka's tool takes it, begins no transaction, and every record fails.
        return Err(Stop::Complained("transactional.id is not supported by this tool".into()));
    }
    let options = client_settings::producer(properties)?;
    let servers = client_settings::servers(properties, "producer")?;
    let began = now_ms();
    let mut integers = Integers {
        prefix: parsed.number("--value-prefix"),
        keys: parsed.number("--repeating-keys"),
        next_key: 0,
        create_time: parsed.number("--message-create-time").filter(|time| *time != -1),
        began,
    };
    let limit = parsed.number::<i64>("--max-messages").and_then(|limit| u64::try_from(limit).ok());
    let throughput = parsed.number::<i32>("--throughput").unwrap_or(-1);
    sending_runtime()?.block_on(async {
        let client = connection::connect(&servers).await?;
        let topic = parsed.value("--topic").unwrap_or_default();
        let counts = Arc::new(Mutex::new(Counts { topic: topic.to_owned(), ..Counts::default() }));
        let mut sender = Sender::new(&client, options.delivery_timeout, topic, Arc::clone(&counts));
        let producer = producer(&client, options)?;
        tell("startup_complete", &[]);
        let code = tokio::select! {
            () = integers.send(&mut sender, &producer, &counts, limit, f64::from(throughput)) => 0,
            code = asked_to_end() => code?,
        };
        // What went wrong is told record by record.
        let _ = producer.flush().await;
        sender.close().await;
        tell("shutdown_complete", &[]);
        lock(&counts).tell(throughput, now_ms() - began);
        if code == 0 { Ok(()) } else { Err(Stop::Said(code)) }
    })
}

impl Integers {
    async fn send(
        &mut self,
        sender: &mut Sender<Record, Counts>,
        producer: &Producer,
        counts: &Mutex<Counts>,
        limit: Option<u64>,
        throughput: f64,
    ) {
        let mut throttle = Throttle::new(throughput);
        for number in 0..limit.unwrap_or(u64::MAX) {
            let record = Record { key: self.key(), value: self.value(number) };
            let outgoing = OutgoingRecord {
                key: record.key.clone().map(Into::into),
                timestamp: self.timestamp(),
                ..OutgoingRecord::value(record.value.clone())
            };
            lock(counts).sent += 1;
            sender.send(producer, outgoing, record).await;
            throttle.keep_to(number).await;
        }
    }

    fn key(&mut self) -> Option<String> {
        let keys = self.keys?;
        let key = self.next_key.to_string();
        self.next_key += 1;
        if self.next_key == keys {
            self.next_key = 0;
        }
        Some(key)
    }

    fn value(&self, number: u64) -> String {
        self.prefix.map_or_else(|| number.to_string(), |prefix| format!("{prefix}.{number}"))
    }

    /// It runs ahead by how long the tool has run, as Kafka's does.
    fn timestamp(&mut self) -> Option<i64> {
        let time = self.create_time?;
        self.create_time = Some(time + now_ms() - self.began);
        Some(time)
    }
}

#[derive(Debug)]
struct Record {
    key: Option<String>,
    value: String,
}

#[derive(Debug, Default)]
struct Counts {
    topic: String,
    sent: u64,
    acked: u64,
}

impl Counts {
    #[allow(clippy::cast_precision_loss, reason = "a speed needs no exact count")]
    fn tell(&self, target: i32, elapsed_ms: i64) {
        let average = 1000.0 * self.acked as f64 / elapsed_ms.max(1) as f64;
        tell(
            "tool_data",
            &[
                ("sent", json!(self.sent)),
                ("acked", json!(self.acked)),
                ("target_throughput", json!(target)),
                ("avg_throughput", json!(average)),
            ],
        );
    }
}

impl Told<Record> for Counts {
    fn on(&mut self, record: Record, result: Result<Ack, Thrown>) {
        let Record { key, value } = record;
        match result {
            Ok(ack) => {
                self.acked += 1;
                tell(
                    "producer_send_success",
                    &[
                        ("key", json!(key)),
                        ("value", json!(value)),
                        ("offset", json!(ack.offset)),
                        ("topic", json!(ack.topic.to_string())),
                        ("partition", json!(ack.partition)),
                    ],
                );
            }
            Err(thrown) => tell(
                "producer_send_error",
                &[
                    ("topic", json!(self.topic)),
                    ("key", json!(key)),
                    ("value", json!(value)),
                    ("exception", json!(format!("class {}", thrown.class))),
                    ("message", json!(thrown.message)),
                ],
            ),
        }
    }
}
