//! Ottla's native Kafka client.
//!
//! One [`Client`] owns the connections and what is known of the cluster; [`Producer`], [`TxnProducer`] and [`Consumer`] are
//! views of it.
//! It speaks Kafka's protocol only: it works against Apache Kafka as against Ottla, and knows nothing of the broker's
//! inside.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use ottla_client::{Client, OutgoingRecord, Producer, ProducerOptions, Reset};
//!
//! let client = Client::connect("127.0.0.1:9092").await?;
//! let producer = Producer::new(&client, ProducerOptions::default())?;
//! let ack = producer.send("greetings", OutgoingRecord::value("hello")).await?;
//! println!("at offset {}", ack.offset);
//! let mut consumer =
//!     client.consumer().group("greeters").topics(["greetings"]).reset(Reset::Earliest).start().await?;
//! while let Some(record) = consumer.next().await {
//!     let record = record?;
//!     println!("{:?}", record.value);
//!     consumer.mark(&record);
//! }
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod admin;
mod ask;
mod client;
mod consumer;
mod error;
mod partitioner;
mod position;
mod producer;
mod retry;
mod topics;

pub use admin::{
    BrokerInfo, ClusterInfo, CommittedOffset, ConfigChange, ConfigEntry, ConfigSource, ConfigSynonym,
    Features, GroupInfo, GroupListing, GroupMember, LevelChange, LogDirInfo, ProducerInfo, QuorumInfo,
    QuorumReplica, Reassignment, ReplicaSize, Resource, TransactionInfo, TransactionListing,
};
pub use client::Client;
pub use consumer::{
    AssignmentChange, AssignmentChanges, CommitError, Consumer, ConsumerBuilder, ConsumerError,
    ConsumerOptions, GroupProtocol, Marker, PartitionRecords, Record, RecordBatch, Reset, StartError,
    TopicPartition,
};
pub use error::ClientError;
pub use ottla_assign::{ClassicAssignor, InvalidPattern, TopicPattern};
pub use ottla_records::RecordView;
pub use partitioner::{murmur2, partition_for_key};
pub use position::Position;
pub use producer::{
    Ack, AckFuture, Acks, GroupOffsets, InvalidOption, OutgoingRecord, Producer, ProducerOptions, SendError,
    Txn, TxnError, TxnOptions, TxnProducer, Undone,
};
pub use topics::{PartitionInfo, TopicInfo};
