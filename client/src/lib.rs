//! Ottla's native Kafka client.
//!
//! One [`Client`] owns the connections and what is known of the cluster; [`Producer`], [`TxnProducer`] and [`Consumer`] are
//! views of it. A [`Topic`] says which types are in a topic, for all of them.
//! It speaks Kafka's protocol only: it works against Apache Kafka as against Ottla, and knows nothing of the broker's
//! inside.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let broker = ottla_testkit::TestBroker::start().await;
//! # let address = broker.address();
//! use ottla_client::{Client, OutgoingRecord, Producer, ProducerOptions, Reset};
//!
//! let client = Client::connect(address).await?; // such as "127.0.0.1:9092"
//! let producer = Producer::new(&client, ProducerOptions::default())?;
//! let ack = producer.send("greetings", OutgoingRecord::value("hello")).await?;
//! println!("at offset {}", ack.offset);
//! let mut consumer =
//!     client.consumer().group("greeters").topics(["greetings"]).reset(Reset::Earliest).start().await?;
//! while let Some(record) = consumer.next().await {
//!     let record = record?;
//!     println!("{:?}", record.value);
//!     consumer.mark(&record);
//! #   break;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Tests need no broker beside them: `TestBroker` of `ottla-testkit` is one in the process of the test. More is in
//! `examples/`: groups, a task for each partition, typed topics, exactly once, administration.

#![forbid(unsafe_code)]

mod admin;
mod ask;
mod client;
mod consumer;
mod error;
mod exactly_once;
mod partitioner;
mod position;
mod producer;
mod retry;
mod topics;
mod traffic;
mod typed;

pub use admin::{
    BrokerInfo, ClusterInfo, CommittedOffset, ConfigChange, ConfigEntry, ConfigSource, ConfigSynonym,
    Features, GroupInfo, GroupListing, GroupMember, LevelChange, LogDirInfo, ProducerInfo, QuorumInfo,
    QuorumReplica, Reassignment, ReplicaSize, Resource, TransactionInfo, TransactionListing,
};
pub use bytes::Bytes;
pub use client::{Client, ClientOptions};
pub use consumer::{
    AssignmentChange, AssignmentChanges, CommitError, Consumer, ConsumerBuilder, ConsumerError,
    ConsumerOptions, GroupProtocol, Marker, PartitionRecords, Record, RecordBatch, Reset, StartError,
    TopicPartition, Watermarks,
};
pub use error::ClientError;
pub use exactly_once::{BoxError, ExactlyOnce, ExactlyOnceError, RecordSource};
pub use ottla_assign::{ClassicAssignor, InvalidPattern, TopicPattern};
pub use ottla_records::{BatchHeader, Codec, RecordView, TimestampType};
pub use ottla_types::Uuid;
pub use partitioner::{murmur2, partition_for_key};
pub use position::Position;
pub use producer::{
    Ack, AckFuture, Acks, GroupOffsets, InvalidOption, OutgoingRecord, Producer, ProducerOptions, SendError,
    Txn, TxnError, TxnOptions, TxnProducer, Undone,
};
pub use topics::{PartitionInfo, TopicInfo};
pub use traffic::Traffic;
#[cfg(feature = "json")]
pub use typed::Json;
pub use typed::{
    ConsumerRecord, Data, DataError, ProducerRecord, RecordPart, Topic, TypedConsumer, Unreadable,
};
