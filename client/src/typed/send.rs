use super::record::ProducerRecord;
use crate::{Ack, AckFuture, Producer, SendError, Txn};

impl Producer {
    /// Sends a record of a typed [`Topic`](crate::Topic) and waits until it is acknowledged.
    ///
    /// # Errors
    /// It cannot be written, or as [`send`](Self::send).
    pub async fn send_record(&self, record: ProducerRecord) -> Result<Ack, SendError> {
        self.send(&record.topic, record.record?).await
    }

    /// Takes a record of a typed [`Topic`](crate::Topic), as soon as there is room for it.
    ///
    /// # Errors
    /// It cannot be written, or as [`enqueue`](Self::enqueue).
    pub async fn enqueue_record(&self, record: ProducerRecord) -> Result<AckFuture, SendError> {
        self.enqueue(&record.topic, record.record?).await
    }
}

impl Txn<'_> {
    /// Sends a record of a typed [`Topic`](crate::Topic) and waits until it is acknowledged. It is read once the transaction
    /// is committed.
    ///
    /// # Errors
    /// It cannot be written, or as [`send`](Self::send).
    pub async fn send_record(&self, record: ProducerRecord) -> Result<Ack, SendError> {
        self.send(&record.topic, record.record?).await
    }

    /// Takes a record of a typed [`Topic`](crate::Topic), as soon as there is room for it. The commit waits until it is
    /// acknowledged.
    ///
    /// # Errors
    /// It cannot be written, or as [`enqueue`](Self::enqueue).
    pub async fn enqueue_record(&self, record: ProducerRecord) -> Result<AckFuture, SendError> {
        self.enqueue(&record.topic, record.record?).await
    }
}
