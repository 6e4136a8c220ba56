//! What tests share: a real broker in a temporary directory, Apache Kafka in its place by one switch, deadlines, and
//! the tools that clients in other languages need.
//!
//! For tests of programs that use the native client there is `TestBroker` (feature `broker`): the same broker in the
//! process of the test.

#[cfg(feature = "broker")]
mod broker;
mod kafka;
mod languages;
mod layout;
mod node;
mod ottla;
mod proxy;
mod rng;
mod tools;
mod wait;

use std::path::{Path, PathBuf};

#[cfg(feature = "broker")]
pub use broker::{Fault, TestBroker};
pub use kafka::{KAFKA_VERSION, kafka_jar, kafka_jars};
pub use languages::{java, java_with_clients, python, versioned};
pub use layout::{CLUSTER_ID, Layout, Voters, free_ports};
pub use node::{Node, Target};
pub use ottla::ottla_binary;
#[cfg(feature = "broker")]
pub use ottla_types::ErrorCode;
#[cfg(feature = "broker")]
pub use ottla_wire::{ApiKey, messages};
pub use proxy::Proxy;
pub use rng::Rng;
pub use tools::{cache, checked, once_in_cache, tool};
pub use wait::until;

/// The root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate stands in tests/testkit").to_owned()
}
