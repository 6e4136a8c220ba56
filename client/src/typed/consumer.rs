use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    time::Duration,
};

use super::{record::ConsumerRecord, topic::Topic};
use crate::{CommitError, Consumer, ConsumerError};

/// A consumer of topics with the same types. It can do whatever the [`Consumer`] can; records come with their types.
pub struct TypedConsumer<K, V> {
    consumer: Consumer,
    data: PhantomData<fn() -> (K, V)>,
}

impl Consumer {
    /// The same consumer, for records with the types of a topic. Of a consumer of several topics with different types,
    /// look at each record with [`Topic::view`] instead.
    #[must_use]
    pub fn typed<K, V>(self, _topic: &Topic<K, V>) -> TypedConsumer<K, V> {
        TypedConsumer { consumer: self, data: PhantomData }
    }
}

impl<K, V> TypedConsumer<K, V> {
    /// The next record: see [`Consumer::next`]. That its key or value cannot be read is not known yet.
    ///
    /// # Errors
    /// As [`Consumer::next`].
    pub async fn next(&mut self) -> Option<Result<ConsumerRecord<K, V>, ConsumerError>> {
        Some(self.consumer.next().await?.map(ConsumerRecord::new))
    }

    /// See [`Consumer::close`].
    ///
    /// # Errors
    /// As there.
    pub async fn close(self, deadline: Duration) -> Result<(), CommitError> {
        self.consumer.close(deadline).await
    }

    /// The same consumer, for records as bytes.
    #[must_use]
    pub fn into_untyped(self) -> Consumer {
        self.consumer
    }
}

impl<K, V> Deref for TypedConsumer<K, V> {
    type Target = Consumer;

    fn deref(&self) -> &Consumer {
        &self.consumer
    }
}

impl<K, V> DerefMut for TypedConsumer<K, V> {
    fn deref_mut(&mut self) -> &mut Consumer {
        &mut self.consumer
    }
}

impl<K, V> fmt::Debug for TypedConsumer<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedConsumer").field(&self.consumer).finish()
    }
}
