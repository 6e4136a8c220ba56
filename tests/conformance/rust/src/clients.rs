//! Producers, consumers and admin clients as the cases use them.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, Message, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    message::OwnedMessage,
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer},
};

use crate::cases::unique;

/// For every request.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Settings of a client.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// A key and a value.
pub type Pair<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// A client's settings with those of all clients.
pub fn config(bootstrap: &str, settings: Settings<'_>) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("topic.metadata.refresh.interval.ms", "500");
    for (key, value) in settings {
        config.set(*key, *value);
    }
    config
}

/// A runtime on this thread, for the futures of the library.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

/// An admin client.
pub fn admin(bootstrap: &str) -> Result<AdminClient<DefaultClientContext>, KafkaError> {
    config(bootstrap, &[]).create()
}

/// How long admin operations may take.
pub fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(TIMEOUT)).operation_timeout(Some(TIMEOUT))
}

/// Makes a topic.
pub fn create(bootstrap: &str, partitions: i32, settings: Settings<'_>) -> Result<String, Box<dyn Error>> {
    let name = unique("rdkafka");
    create_named(bootstrap, &name, partitions, settings)?.map_err(|code| format!("making {name}: {code}"))?;
    Ok(name)
}

/// Makes a topic of a given name; the inner result is the broker's answer.
pub fn create_named(
    bootstrap: &str,
    name: &str,
    partitions: i32,
    settings: Settings<'_>,
) -> Result<Result<(), RDKafkaErrorCode>, Box<dyn Error>> {
    let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for (key, value) in settings {
        topic = topic.set(key, value);
    }
    let mut answers = wait(admin(bootstrap)?.create_topics([&topic], &options()))?;
    Ok(answers.remove(0).map(|_| ()).map_err(|(_, code)| code))
}

/// Sends records in order and waits for their offsets.
pub fn produce(
    bootstrap: &str,
    topic: &str,
    pairs: &[Pair<'_>],
    settings: Settings<'_>,
) -> Result<Vec<i64>, KafkaError> {
    let producer: FutureProducer = config(bootstrap, settings).create()?;
    let mut sent: Vec<DeliveryFuture> = Vec::new();
    for (key, value) in pairs {
        let mut record = FutureRecord::<[u8], [u8]>::to(topic);
        record.key = *key;
        record.payload = *value;
        sent.push(producer.send_result(record).map_err(|(error, _)| error)?);
    }
    producer.flush(TIMEOUT)?;
    wait(async {
        let mut offsets = Vec::new();
        for delivery in sent {
            let delivered = delivery.await.map_err(|_| KafkaError::Canceled)?;
            offsets.push(delivered.map_err(|(error, _)| error)?.offset);
        }
        Ok(offsets)
    })
}

/// The values "0", "1" and so on.
pub fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

/// Records without keys.
pub fn values(values: &[String]) -> Vec<Pair<'_>> {
    values.iter().map(|value| (None, Some(value.as_bytes()))).collect()
}

/// A consumer that begins at the start and commits only when told.
pub fn consumer(bootstrap: &str, group: &str, settings: Settings<'_>) -> Result<BaseConsumer, KafkaError> {
    let mut config = config(
        bootstrap,
        &[
            ("group.id", group),
            ("auto.offset.reset", "earliest"),
            ("enable.auto.commit", "false"),
            ("session.timeout.ms", "6000"),
            ("heartbeat.interval.ms", "300"),
            ("fetch.wait.max.ms", "100"),
        ],
    );
    for (key, value) in settings {
        config.set(*key, *value);
    }
    config.create()
}

/// One poll; errors of the consumer are errors here.
pub fn poll(consumer: &BaseConsumer) -> Result<Option<OwnedMessage>, KafkaError> {
    consumer
        .poll(Duration::from_millis(20))
        .transpose()
        .map(|message| message.map(|message| message.detach()))
}

/// Polls until `count` messages have come.
pub fn take(consumer: &BaseConsumer, count: usize) -> Result<Vec<OwnedMessage>, Box<dyn Error>> {
    let (deadline, mut messages) = (Instant::now() + TIMEOUT, Vec::new());
    while messages.len() < count {
        messages.extend(poll(consumer)?);
        if Instant::now() > deadline {
            return Err(format!("{} of {count} messages came", messages.len()).into());
        }
    }
    Ok(messages)
}

/// Reads partition 0 of a topic from its start.
pub fn read(bootstrap: &str, topic: &str, count: usize) -> Result<Vec<OwnedMessage>, Box<dyn Error>> {
    let reader = consumer(bootstrap, &unique("reader"), &[])?;
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_offset(topic, 0, rdkafka::Offset::Beginning)?;
    reader.assign(&partitions)?;
    take(&reader, count)
}

/// The text of a message.
pub fn text(message: &OwnedMessage) -> String {
    String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned()
}

/// How many partitions a consumer has.
pub fn owned(consumer: &BaseConsumer) -> Result<usize, KafkaError> {
    Ok(consumer.assignment()?.count())
}

/// The broker's error code, if the error carries one.
pub fn code(error: &KafkaError) -> Option<RDKafkaErrorCode> {
    error.rdkafka_error_code()
}
