//! Every setting of Kafka, one table per scope: parse, validate, describe.
//!
//! The tables under `tables/` are data: name, type, default, allowed values, importance, whether it may change at run
//! time, whether it is a secret, which broker settings stand behind it. [`Table`] reads them once; `tables/unused.tsv` names
//! those nothing reads yet. [`Layers`] says which value wins and where it comes from; [`BrokerConfig`],
//! [`DynamicBrokerConfig`] and [`TopicConfig`] are what the rest of Ottla reads: no string is looked up outside this crate.

#![forbid(unsafe_code)]

pub mod alter;
mod broker;
mod dynamic;
mod layers;
mod listener;
mod properties;
mod suggest;
mod table;
mod topic;
mod valid;

pub use broker::{BrokerConfig, ConfigFileError, ConsumerGroupConfig, Loaded, TransactionConfig};
pub use dynamic::DynamicBrokerConfig;
pub use layers::{Described, Layers, Settings, Source, Synonym};
pub use listener::{Listener, SecurityProtocol};
pub use properties::{Properties, PropertiesError};
pub use suggest::nearest;
pub use table::{Kind, Scope, Setting, Table};
pub use topic::{CleanupPolicy, TimestampType, TopicConfig};
