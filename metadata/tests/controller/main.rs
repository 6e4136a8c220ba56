//! The controller: against Kafka's log, under random commands, and with features of every level.

mod features;
mod kafka_log;
mod random;
mod support;
