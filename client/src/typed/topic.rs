use std::{borrow::Cow, fmt, marker::PhantomData};

use ottla_types::Str;

use super::{
    data::Data,
    record::{ConsumerRecord, ProducerRecord, RecordPart},
};
use crate::{OutgoingRecord, Record, SendError};

/// A topic with the types of its keys and values. Made once, as a constant, and shared by all who write it, read it or test
/// either.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let broker = ottla_testkit::TestBroker::start().await;
/// # let client = broker.client().await;
/// use ottla_client::{Producer, ProducerOptions, Reset, Topic};
///
/// const VISITS: Topic<String, i64> = Topic::new("visits");
///
/// let producer = Producer::new(&client, ProducerOptions::default())?;
/// producer.send_record(VISITS.record("alice", 3)).await?;
///
/// let consumer = client.consumer().group("counters").topics([VISITS]).reset(Reset::Earliest);
/// let mut visits = consumer.start().await?.typed(&VISITS);
/// if let Some(visit) = visits.next().await {
///     let visit = visit?;
///     assert_eq!((visit.key()?, visit.value()?), ("alice".to_owned(), 3));
///     visits.mark(&visit);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Topic<K, V> {
    name: Cow<'static, str>,
    data: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Topic<K, V> {
    /// The topic of this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), data: PhantomData }
    }

    /// The topic of a name that is known only when the program runs.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Cow::Owned(name.into()), data: PhantomData }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<K: Data, V: Data> Topic<K, V> {
    /// A record for this topic, to be sent with [`send_record`](crate::Producer::send_record). What cannot be written is
    /// said when it is sent.
    pub fn record(&self, key: K::Ref<'_>, value: V::Ref<'_>) -> ProducerRecord {
        let unwritable = |part| move |why| SendError::Unwritable { topic: Str::from(self.name()), part, why };
        let written = || {
            let key = K::encode(key).map_err(unwritable(RecordPart::Key))?;
            let value = V::encode(value).map_err(unwritable(RecordPart::Value))?;
            Ok(OutgoingRecord { key, value, ..OutgoingRecord::default() })
        };
        ProducerRecord { topic: self.name.clone(), record: written() }
    }

    /// A record that was read, looked at as one of this topic.
    #[must_use]
    pub fn view(&self, record: Record) -> ConsumerRecord<K, V> {
        ConsumerRecord::new(record)
    }
}

impl<K, V> Clone for Topic<K, V> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), data: PhantomData }
    }
}

impl<K, V> fmt::Debug for Topic<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Topic").field(&self.name).finish()
    }
}

impl<K, V> From<Topic<K, V>> for String {
    fn from(topic: Topic<K, V>) -> Self {
        topic.name.into_owned()
    }
}

impl<K, V> From<&Topic<K, V>> for String {
    fn from(topic: &Topic<K, V>) -> Self {
        topic.name().to_owned()
    }
}
