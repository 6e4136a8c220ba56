use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext,
    error::KafkaError,
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
};

use crate::{Began, Failure, Moved, PATIENCE, options::Options, payload::Pool, producer_config};

/// How long the thread that takes acknowledgements waits before it looks whether it is still needed.
const LOOK: Duration = Duration::from_millis(20);

/// How long each message took from being due to being acknowledged.
#[derive(Default)]
struct Latencies(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    took: Vec<Duration>,
    failed: Option<KafkaError>,
}

impl ClientContext for Latencies {}

impl ProducerContext for Latencies {
    /// When the message was due.
    type DeliveryOpaque = Box<Instant>;

    fn delivery(&self, result: &DeliveryResult<'_>, due: Box<Instant>) {
        let mut seen = self.0.lock().expect("nobody panics with this lock");
        match result {
            Ok(_) => seen.took.push(due.elapsed()),
            Err((error, _)) => seen.failed = Some(error.clone()),
        }
    }
}

/// Sends so many messages a second; what is late is sent at once. One thread sends, another takes the acknowledgements.
pub fn produce(options: &Options, rate: f64) -> Result<Moved, Failure> {
    let producer: BaseProducer<Latencies> =
        producer_config(options).create_with_context(Latencies::default())?;
    let pool = Pool::new(options.size);
    producer.client().fetch_metadata(Some(&options.topic), PATIENCE)?;
    let began = Began::now()?;
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                producer.poll(LOOK);
            }
        });
        let sent = send_all(&producer, options, (rate, began.at), &pool);
        over.store(true, Ordering::Release);
        sent
    })?;
    let mut seen = producer.context().0.lock().map_err(|_| "the other thread has failed")?;
    if let Some(error) = seen.failed.take() {
        return Err(error.into());
    }
    let messages = seen.took.len() as u64;
    if messages != options.count {
        return Err(format!("{messages} of {} messages were acknowledged", options.count).into());
    }
    let moved = began.moved(messages, messages * options.size as u64)?;
    Ok(Moved { latencies: std::mem::take(&mut seen.took), ..moved })
}

fn send_all(
    producer: &BaseProducer<Latencies>,
    options: &Options,
    (rate, began): (f64, Instant),
    pool: &Pool,
) -> Result<(), Failure> {
    for index in 0..options.count {
        let due = began + Duration::from_secs_f64(index as f64 / rate);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let partition = (index % u64::from(options.partitions)) as i32;
        let record = BaseRecord::<(), [u8], _>::with_opaque_to(&options.topic, Box::new(due))
            .partition(partition)
            .payload(pool.message(index));
        producer.send(record).map_err(|(error, _)| error)?;
    }
    Ok(producer.flush(PATIENCE)?)
}
